package bus

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Times of a request that is asked again: how long one attempt waits for its
// answer, and how long the next waits after a refusal.
const (
	attempt = 2 * time.Second
	pause   = 250 * time.Millisecond
	// forming is how long servers that have just started may take to know each
	// other: before that they find too few of themselves for three replicas.
	forming = 10 * time.Second
)

// noPeers is the error code of JetStream for too few servers.
const noPeers = 10005

// Again asks JetStream until it answers or the context ends. What reaches servers
// before they have elected a leader is answered by none of them, or with a refusal
// that passes. The request must be one that may be repeated.
func Again(ctx context.Context, ask func(context.Context) error) error {
	began := time.Now()
	for {
		trying, cancel := context.WithTimeout(ctx, attempt)
		err := ask(trying)
		cancel()
		switch {
		case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
			continue
		case alone(err) && time.Since(began) < forming:
		case !unavailable(err):
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ctx.Err(), err)
		case <-time.After(pause):
		}
	}
}

// unavailable tells whether an error is passing.
func unavailable(err error) bool {
	var answered *server.ApiError
	var read *jetstream.APIError
	return errors.Is(err, nats.ErrNoResponders) ||
		errors.As(err, &answered) && answered.Code == http.StatusServiceUnavailable ||
		errors.As(err, &read) && read.Code == http.StatusServiceUnavailable
}

// alone tells whether there are too few servers, which passes while they are forming.
func alone(err error) bool {
	var answered *server.ApiError
	return errors.As(err, &answered) && answered.ErrCode == noPeers
}
