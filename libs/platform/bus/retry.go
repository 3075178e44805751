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

// The times of a retried request: how long one attempt waits for its answer, and the delay after a refusal.
const (
	attempt = 2 * time.Second
	pause   = 250 * time.Millisecond
	// clusterTimeout is the time that servers may take after their start to find each other: before that they are too
	// few for three replicas.
	clusterTimeout = 10 * time.Second
)

// noPeers is the JetStream error code for too few servers.
const noPeers = 10005

// Again retries a JetStream request until JetStream answers or ctx ends. Servers that have not elected a leader yet
// do not answer, or refuse temporarily. The request must be idempotent.
func Again(ctx context.Context, request func(context.Context) error) error {
	began := time.Now()
	for {
		attemptCtx, cancel := context.WithTimeout(ctx, attempt)
		err := request(attemptCtx)
		cancel()
		switch {
		case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
			continue
		case alone(err) && time.Since(began) < clusterTimeout:
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

// unavailable reports whether an error is temporary.
func unavailable(err error) bool {
	var answered *server.ApiError
	var read *jetstream.APIError
	return errors.Is(err, nats.ErrNoResponders) ||
		errors.As(err, &answered) && answered.Code == http.StatusServiceUnavailable ||
		errors.As(err, &read) && read.Code == http.StatusServiceUnavailable
}

// alone reports whether there are too few servers, which is temporary while the cluster forms.
func alone(err error) bool {
	var answered *server.ApiError
	return errors.As(err, &answered) && answered.ErrCode == noPeers
}
