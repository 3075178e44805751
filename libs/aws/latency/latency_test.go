package latency_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/aws/latency"
)

func TestAMissingRowPanics(t *testing.T) {
	t.Parallel()
	require.PanicsWithValue(t, `latency: the table has no row "Vpc/lost"`, func() { latency.Of("Vpc/lost") })
	require.False(t, latency.Known("Vpc/lost"))
}

func TestAWaitIsNoShorterThanTheMedian(t *testing.T) {
	t.Parallel()
	require.True(t, latency.Known(latency.InstanceProfileWait))
	require.GreaterOrEqual(t, latency.Of(latency.InstanceProfileWait), latency.Of(latency.InstanceProfileUsable))
}
