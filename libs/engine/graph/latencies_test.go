package graph_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/engine/graph"
)

// looks are the ages at which a thing that takes a while is observed, until it is
// ready.
func looks(t *testing.T, c *cloud, learned *graph.Latencies, usual, takes time.Duration) []time.Duration {
	t.Helper()
	ledger := newMemory()
	born := time.Now()
	make := func() *graph.Graph {
		g := new(graph.Graph)
		graph.Add(g, &machine{cloud: c, name: "gateway", usual: graph.Latency{Ready: usual}})
		return g
	}
	var ages []time.Duration
	report := make().Ensure(t.Context(), graph.Walk{Ledger: ledger, Latencies: learned})
	c.things[len(c.things)-1].ready = born.Add(takes)
	for !report.Settled() {
		time.Sleep(report.RequeueAfter())
		ages = append(ages, time.Since(born))
		report = make().Ensure(t.Context(), graph.Walk{Ledger: ledger, Latencies: learned})
	}
	return ages
}

func TestAThingIsLookedAtWhenItIsLikelyToBeThere(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		const second = time.Second
		learned := new(graph.Latencies)
		require.Equal(t, []time.Duration{300 * time.Millisecond, 80 * second, 83 * second, 86 * second, 89 * second, 92 * second},
			looks(t, c, learned, 100*second, 90*second), "the first of its kind is glanced at, then near what is usual")
		require.Equal(t, []time.Duration{73600 * time.Millisecond, 76600 * time.Millisecond, 79600 * time.Millisecond, 82600 * time.Millisecond},
			looks(t, c, learned, 100*second, 82*second), "then near what the first one took")

		quick := new(graph.Latencies)
		require.Equal(t, []time.Duration{300 * time.Millisecond}, looks(t, c, quick, 100*second, 0), "some clouds answer at once")
		require.Equal(t, []time.Duration{300 * time.Millisecond}, looks(t, c, quick, 100*second, 0), "and go on to do so")
		require.Equal(t, []time.Duration{80 * second, 83 * second, 86 * second, 89 * second, 92 * second},
			looks(t, c, nil, 100*second, 90*second), "without a memory, near what is usual")
	})
}
