package loss_test

import (
	"testing"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/platform/audit"
	"github.com/skep-dev/skep/test/clustertest"
)

// audited is how many audit lines network has written, and what does not fit together.
func audited(t *testing.T, s *clustertest.Suite) (lines int, broken []string) {
	t.Helper()
	js, err := jetstream.New(s.NATS("network"))
	require.NoError(t, err)
	verdict, err := audit.Verify(s.Context, js)
	require.NoError(t, err)
	return verdict.Lines, verdict.Broken
}
