package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/skep-dev/skep/libs/platform/bus"
)

// chunk is how many bytes of a snapshot go back in one message: below the megabyte
// that a server takes.
const chunk = 256 << 10

// streamMissing is the error code of JetStream for a stream that is not there.
const streamMissing = 10059

// silence is how long a server may take to answer: for three of them to agree on
// who keeps a stream takes seconds.
const silence = 30 * time.Second

// spread is how long it may take until all servers know what one of them listens to,
// and pause how long to wait before a request is sent again.
const (
	spread = 5 * time.Second
	pause  = 50 * time.Millisecond
)

// insist asks the JetStream API until it answers: of servers that have just started
// none does before they have elected a leader. It is for what may be repeated.
func insist(ctx context.Context, nc *nats.Conn, api string, answer any) error {
	return bus.Again(ctx, func(ctx context.Context) error { return ask(ctx, nc, api, nil, answer) })
}

// ask asks the JetStream API once.
func ask(ctx context.Context, nc *nats.Conn, api string, request, answer any) error {
	var body []byte
	if request != nil {
		var err error
		if body, err = json.Marshal(request); err != nil {
			return fmt.Errorf("encode request: %w", err)
		}
	}
	reply, err := send(ctx, nc, server.JSApiPrefix+"."+api, body)
	if err != nil {
		return err
	}
	return answered(reply.Data, answer)
}

// send sends a request and waits for its answer, though not for ever. What nobody
// listens to has reached nobody, and is sent again for a while: that a server takes
// the parts of a snapshot is known to the others a moment after it said so.
func send(ctx context.Context, nc *nats.Conn, subject string, body []byte) (*nats.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	for began := time.Now(); ; {
		reply, err := nc.RequestWithContext(ctx, subject, body)
		if !errors.Is(err, nats.ErrNoResponders) || time.Since(began) > spread {
			return reply, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(pause):
		}
	}
}

// answered reads an answer of the JetStream API, or the error in it.
func answered(data []byte, answer any) error {
	var outcome server.ApiResponse
	if err := json.Unmarshal(data, &outcome); err != nil {
		return fmt.Errorf("decode answer: %w", err)
	}
	if outcome.Error != nil {
		return outcome.Error
	}
	return json.Unmarshal(data, answer)
}

// find returns a stream, or nil if there is none of the name.
func find(ctx context.Context, nc *nats.Conn, stream string) (*server.StreamInfo, error) {
	var answer server.JSApiStreamInfoResponse
	err := insist(ctx, nc, "STREAM.INFO."+stream, &answer)
	var refused *server.ApiError
	if errors.As(err, &refused) && refused.ErrCode == streamMissing {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("ask for stream %s: %w", stream, err)
	}
	return answer.StreamInfo, nil
}

// remove removes a stream; that it is not there is no error.
func remove(ctx context.Context, nc *nats.Conn, stream string) error {
	err := insist(ctx, nc, "STREAM.DELETE."+stream, new(server.JSApiStreamDeleteResponse))
	var refused *server.ApiError
	if errors.As(err, &refused) && refused.ErrCode == streamMissing {
		return nil
	}
	if err != nil {
		return fmt.Errorf("remove stream %s: %w", stream, err)
	}
	return nil
}

// snapshot writes the snapshot of a stream. It checks every message on the way.
func snapshot(ctx context.Context, nc *nats.Conn, stream string, w io.Writer) (server.StreamConfig, server.StreamState, error) {
	none := func(err error) (server.StreamConfig, server.StreamState, error) {
		return server.StreamConfig{}, server.StreamState{}, fmt.Errorf("snapshot stream %s: %w", stream, err)
	}
	chunks, err := nc.SubscribeSync(nc.NewRespInbox())
	if err != nil {
		return none(err)
	}
	defer func() { _ = chunks.Unsubscribe() }()
	var answer server.JSApiStreamSnapshotResponse
	request := server.JSApiStreamSnapshotRequest{DeliverSubject: chunks.Subject, NoConsumers: true, CheckMsgs: true}
	if err := ask(ctx, nc, "STREAM.SNAPSHOT."+stream, request, &answer); err != nil {
		return none(err)
	}
	for {
		m, err := next(ctx, chunks)
		if err != nil {
			return none(err)
		}
		if len(m.Data) == 0 {
			if status := m.Header.Get("Status"); status != "" && status != "204" {
				return none(fmt.Errorf("status %s: %s", status, m.Header.Get("Description")))
			}
			return *answer.Config, *answer.State, nil
		}
		if _, err := w.Write(m.Data); err != nil {
			return none(err)
		}
		if m.Reply != "" {
			if err := m.Respond(nil); err != nil {
				return none(err)
			}
		}
	}
}

// next waits for the next part of a snapshot, though not for ever.
func next(ctx context.Context, chunks *nats.Subscription) (*nats.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	return chunks.NextMsgWithContext(ctx)
}

// revive makes a stream from its snapshot.
func revive(ctx context.Context, nc *nats.Conn, config server.StreamConfig, state server.StreamState, r io.Reader) error {
	failed := func(err error) error { return fmt.Errorf("restore stream %s: %w", config.Name, err) }
	var begun server.JSApiStreamRestoreResponse
	// Servers that have just started may not know enough of one another yet, and
	// refuse: nothing has begun then.
	beginning, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	begin := func(context.Context) error {
		return ask(beginning, nc, "STREAM.RESTORE."+config.Name, server.JSApiStreamRestoreRequest{Config: config, State: state}, &begun)
	}
	if err := bus.Again(beginning, begin); err != nil {
		return failed(err)
	}
	buffer := make([]byte, chunk)
	for {
		n, err := io.ReadFull(r, buffer)
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return failed(err)
		}
		if n > 0 {
			reply, err := send(ctx, nc, begun.DeliverSubject, buffer[:n])
			if err != nil {
				return failed(err)
			}
			if len(reply.Data) > 0 {
				if err := answered(reply.Data, new(server.JSApiStreamCreateResponse)); err != nil {
					return failed(err)
				}
			}
		}
		if last {
			break
		}
	}
	reply, err := send(ctx, nc, begun.DeliverSubject, nil)
	if err != nil {
		return failed(err)
	}
	if err := answered(reply.Data, new(server.JSApiStreamCreateResponse)); err != nil {
		return failed(err)
	}
	return nil
}
