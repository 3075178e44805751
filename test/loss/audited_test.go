package loss_test

import (
	"testing"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/platform/audit"
	"github.com/skep-dev/skep/test/clustertest"
)

// audited returns the number of audit lines of the network service and the breaks of their hash chain.
func audited(t *testing.T, s *clustertest.Suite) (lines int, broken []string) {
	t.Helper()
	js, err := jetstream.New(s.NATS("network"))
	require.NoError(t, err)
	verdict, err := audit.Verify(s.Context, js)
	require.NoError(t, err)
	return verdict.Lines, verdict.Broken
}
