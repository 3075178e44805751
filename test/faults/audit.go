package faults

import (
	"fmt"
	"testing"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/platform/audit"
	"github.com/skep-dev/skep/test/clustertest"
)

// unaudited lists the operations with more mutating calls than audit lines before a call.
// Surplus lines are allowed: a call may fail before it reaches AWS.
func unaudited(t *testing.T, s *clustertest.Suite) []string {
	t.Helper()
	lines := make(map[string]int)
	for _, service := range builders {
		js, err := jetstream.New(s.NATS(service))
		require.NoError(t, err)
		require.NoError(t, audit.Read(s.Context, js, func(page audit.Page) error {
			for _, line := range page.Lines {
				if line.Phase == audit.Before {
					lines[page.Service+"."+line.Operation]++
				}
			}
			return nil
		}))
	}
	for _, call := range s.AWS.Mutations() {
		lines[serviceOf(call)+"."+call.Operation]--
	}
	var missing []string
	for operation, spare := range lines {
		if spare < 0 {
			missing = append(missing, fmt.Sprintf("no audit line: %s %d times", operation, -spare))
		}
	}
	return missing
}
