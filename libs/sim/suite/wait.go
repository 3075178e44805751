package suite

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// timeout is the longest time that a test waits for a state, in virtual time.
const timeout = 2 * time.Hour

var errTimeout = errors.New("the test reached its timeout of two hours in virtual time")

// Await receives messages of a watch until reached returns true for one, and returns
// that message. The watch is a server stream, so Await does not poll.
func Await[M any](t *testing.T, receive func() (M, error), reached func(M) bool) M {
	t.Helper()
	for {
		message, err := receive()
		require.NoError(t, err)
		if reached(message) {
			return message
		}
	}
}

// Context returns a context that ends after two hours of virtual time, or with the test.
func Context(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeoutCause(t.Context(), timeout, errTimeout)
	t.Cleanup(cancel)
	return ctx
}
