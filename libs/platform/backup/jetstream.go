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

// chunk is the size of a snapshot part in one message, in bytes: below the limit of a server, 1 MB.
const chunk = 256 << 10

// streamMissing is the JetStream error code for a stream that does not exist.
const streamMissing = 10059

// answerTimeout bounds the wait for one answer: three servers need seconds to agree which of them store a stream.
const answerTimeout = 30 * time.Second

// interestTimeout bounds the wait until all servers know the subscriptions of one of them. pause is the delay before
// a request is sent again.
const (
	interestTimeout = 5 * time.Second
	pause           = 50 * time.Millisecond
)

// requestRetried sends a request to the JetStream API and retries it: servers that have just started do not answer
// before they elect a leader. The request must be idempotent.
func requestRetried(ctx context.Context, nc *nats.Conn, api string, answer any) error {
	return bus.Retry(ctx, func(ctx context.Context) error { return request(ctx, nc, api, nil, answer) })
}

// request sends one request to the JetStream API.
func request(ctx context.Context, nc *nats.Conn, api string, content, answer any) error {
	var body []byte
	if content != nil {
		var err error
		if body, err = json.Marshal(content); err != nil {
			return fmt.Errorf("encode request: %w", err)
		}
	}
	reply, err := send(ctx, nc, server.JSApiPrefix+"."+api, body)
	if err != nil {
		return err
	}
	return decode(reply.Data, answer)
}

// send sends a request and waits for its answer, at most answerTimeout. A request without a responder had no effect,
// so send repeats it for up to interestTimeout: the other servers learn a moment late that a server accepts the parts
// of a snapshot.
func send(ctx context.Context, nc *nats.Conn, subject string, body []byte) (*nats.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	for began := time.Now(); ; {
		reply, err := nc.RequestWithContext(ctx, subject, body)
		if !errors.Is(err, nats.ErrNoResponders) || time.Since(began) > interestTimeout {
			return reply, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(pause):
		}
	}
}

// decode decodes an answer of the JetStream API, or returns the error in it.
func decode(data []byte, answer any) error {
	var outcome server.ApiResponse
	if err := json.Unmarshal(data, &outcome); err != nil {
		return fmt.Errorf("decode answer: %w", err)
	}
	if outcome.Error != nil {
		return outcome.Error
	}
	return json.Unmarshal(data, answer)
}

// find returns a stream, or nil if it does not exist.
func find(ctx context.Context, nc *nats.Conn, stream string) (*server.StreamInfo, error) {
	var answer server.JSApiStreamInfoResponse
	err := requestRetried(ctx, nc, "STREAM.INFO."+stream, &answer)
	var refused *server.ApiError
	if errors.As(err, &refused) && refused.ErrCode == streamMissing {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read stream %s: %w", stream, err)
	}
	return answer.StreamInfo, nil
}

// remove deletes a stream. A missing stream is success.
func deleteStream(ctx context.Context, nc *nats.Conn, stream string) error {
	err := requestRetried(ctx, nc, "STREAM.DELETE."+stream, new(server.JSApiStreamDeleteResponse))
	var refused *server.ApiError
	if errors.As(err, &refused) && refused.ErrCode == streamMissing {
		return nil
	}
	if err != nil {
		return fmt.Errorf("delete stream %s: %w", stream, err)
	}
	return nil
}

// snapshot writes the snapshot of a stream. JetStream checks every message in it.
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
	options := server.JSApiStreamSnapshotRequest{DeliverSubject: chunks.Subject, NoConsumers: true, CheckMsgs: true}
	if err := request(ctx, nc, "STREAM.SNAPSHOT."+stream, options, &answer); err != nil {
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

// next waits for the next part of a snapshot, at most answerTimeout.
func next(ctx context.Context, chunks *nats.Subscription) (*nats.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	return chunks.NextMsgWithContext(ctx)
}

// restore creates a stream from its snapshot.
func restore(ctx context.Context, nc *nats.Conn, config server.StreamConfig, state server.StreamState, r io.Reader) error {
	failed := func(err error) error { return fmt.Errorf("restore stream %s: %w", config.Name, err) }
	var begun server.JSApiStreamRestoreResponse
	// Servers that have just started may not know each other yet, and refuse; the restore has not begun then.
	beginning, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	begin := func(context.Context) error {
		return request(beginning, nc, "STREAM.RESTORE."+config.Name, server.JSApiStreamRestoreRequest{Config: config, State: state}, &begun)
	}
	if err := bus.Retry(beginning, begin); err != nil {
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
				if err := decode(reply.Data, new(server.JSApiStreamCreateResponse)); err != nil {
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
	if err := decode(reply.Data, new(server.JSApiStreamCreateResponse)); err != nil {
		return failed(err)
	}
	return nil
}
