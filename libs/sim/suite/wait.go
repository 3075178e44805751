package suite

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience is how long a test waits for a state, in virtual time.
const patience = 2 * time.Hour

var errEnough = errors.New("seen enough")

// Until runs a watch until seen returns true for one of its messages. The watch
// is a server stream: messages come as they happen, and nothing is polled.
func Until[M any](t *testing.T, receive func() (M, error), seen func(M) bool) M {
	t.Helper()
	for {
		message, err := receive()
		require.NoError(t, err)
		if seen(message) {
			return message
		}
	}
}

// Patient returns a context that ends after the patience of a test.
func Patient(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeoutCause(t.Context(), patience, errEnough)
	t.Cleanup(cancel)
	return ctx
}
