package graph_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/engine/graph"
)

// polls returns the ages at which a resource is polled until it is ready.
func polls(t *testing.T, c *fakeAWS, learned *graph.Latencies, latency, takes time.Duration) []time.Duration {
	t.Helper()
	ledger := newLedger()
	born := time.Now()
	make := func() *graph.Graph {
		g := new(graph.Graph)
		graph.Add(g, &fakeResource{aws: c, name: "gateway", latency: graph.Latency{Ready: latency}})
		return g
	}
	var ages []time.Duration
	report := make().Ensure(t.Context(), graph.Walk{Ledger: ledger, Latencies: learned})
	c.resources[len(c.resources)-1].ready = born.Add(takes)
	for !report.Settled() {
		time.Sleep(report.RequeueAfter())
		ages = append(ages, time.Since(born))
		report = make().Ensure(t.Context(), graph.Walk{Ledger: ledger, Latencies: learned})
	}
	return ages
}

func TestAResourceIsPolledWhenItIsLikelyToBeReady(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		const second = time.Second
		learned := new(graph.Latencies)
		require.Equal(t, []time.Duration{300 * time.Millisecond, 80 * second, 83 * second, 86 * second, 89 * second, 92 * second},
			polls(t, c, learned, 100*second, 90*second), "the first of its type is polled early, then near the expected latency")
		require.Equal(t, []time.Duration{73600 * time.Millisecond, 76600 * time.Millisecond, 79600 * time.Millisecond, 82600 * time.Millisecond},
			polls(t, c, learned, 100*second, 82*second), "then near the learned latency")

		quick := new(graph.Latencies)
		require.Equal(t, []time.Duration{300 * time.Millisecond}, polls(t, c, quick, 100*second, 0), "ready at the first poll")
		require.Equal(t, []time.Duration{300 * time.Millisecond}, polls(t, c, quick, 100*second, 0), "the short latency is learned")
		require.Equal(t, []time.Duration{80 * second, 83 * second, 86 * second, 89 * second, 92 * second},
			polls(t, c, nil, 100*second, 90*second), "without Latencies, near the expected latency")
	})
}
