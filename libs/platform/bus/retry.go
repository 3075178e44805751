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
	// settleTimeout is the time that servers may take after their start to find each other, and after the delete of a
	// stream to remove its files.
	settleTimeout = 10 * time.Second
)

// The JetStream error codes that are temporary for a while.
const (
	// noPeers means that there are too few servers for the replicas of a stream.
	noPeers = 10005
	// storeFailed means that the server cannot create the files of a stream. It removes the files of a deleted stream
	// in the background, and refuses a new stream of that name until they are gone.
	storeFailed = 10049
)

// Retry retries a JetStream request until JetStream answers or ctx ends. Servers that have not elected a leader yet
// do not answer, or refuse temporarily. The request must be idempotent.
func Retry(ctx context.Context, request func(context.Context) error) error {
	began := time.Now()
	for {
		attemptCtx, cancel := context.WithTimeout(ctx, attempt)
		err := request(attemptCtx)
		cancel()
		switch {
		case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
			continue
		case unsettled(err) && time.Since(began) < settleTimeout:
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

// unsettled reports whether an error is temporary while servers find each other or remove the files of a stream.
func unsettled(err error) bool {
	var answered *server.ApiError
	var read *jetstream.APIError
	switch {
	case errors.As(err, &answered):
		return answered.ErrCode == noPeers || answered.ErrCode == storeFailed
	case errors.As(err, &read):
		return read.ErrorCode == noPeers || read.ErrorCode == storeFailed
	}
	return false
}
