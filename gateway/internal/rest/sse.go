package rest

import (
	"bytes"
	"io"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
)

// eventStream is the media type of server-sent events.
const eventStream = "text/event-stream"

// serverSentEvents writes each message of a stream as one server-sent event
// (https://html.spec.whatwg.org/multipage/server-sent-events.html).
type serverSentEvents struct{ runtime.JSONPb }

// ContentType implements runtime.Marshaler.
func (*serverSentEvents) ContentType(any) string { return eventStream }

// StreamContentType implements runtime.StreamContentType.
func (*serverSentEvents) StreamContentType(any) string { return eventStream }

// Delimiter implements runtime.Delimited: an empty line ends an event.
func (*serverSentEvents) Delimiter() []byte { return []byte("\n\n") }

// Marshal implements runtime.Marshaler.
func (s *serverSentEvents) Marshal(v any) ([]byte, error) {
	text, err := s.JSONPb.Marshal(v)
	if err != nil {
		return nil, err
	}
	return append([]byte("data: "), bytes.ReplaceAll(text, []byte("\n"), nil)...), nil
}

// NewEncoder implements runtime.Marshaler.
func (s *serverSentEvents) NewEncoder(w io.Writer) runtime.Encoder {
	return runtime.EncoderFunc(func(v any) error {
		text, err := s.Marshal(v)
		if err != nil {
			return err
		}
		_, err = w.Write(append(text, s.Delimiter()...))
		return err
	})
}
