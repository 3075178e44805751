package suite

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// timeout is how long a test waits for a state, in virtual time.
const timeout = 2 * time.Hour

var errEnough = errors.New("seen enough")

// Await runs a watch until seen returns true for one of its messages. The watch
// is a server stream: messages come as they happen, and nothing is polled.
func Await[M any](t *testing.T, receive func() (M, error), seen func(M) bool) M {
	t.Helper()
	for {
		message, err := receive()
		require.NoError(t, err)
		if seen(message) {
			return message
		}
	}
}

// Context returns a context that ends after the patience of a test.
func Context(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeoutCause(t.Context(), timeout, errEnough)
	t.Cleanup(cancel)
	return ctx
}
