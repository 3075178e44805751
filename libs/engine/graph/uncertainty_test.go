package graph_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/engine/graph"
)

func TestALateCreateLeavesNoOrphan(t *testing.T) {
	t.Parallel()
	shapes := map[string]struct {
		shape string
		// gone is the duration of the delete.
		gone time.Duration
	}{
		"without a token": {shape: plain},
		"with a token":    {shape: idempotent},
		"with a token and an asynchronous delete":       {shape: idempotent, gone: time.Minute},
		"with a natural key":                            {shape: keyed},
		"with a natural key and an asynchronous delete": {shape: keyed, gone: time.Minute},
	}
	for name, test := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
				c.late = graph.ConsistencyWindow - time.Minute
				g, ledger := new(graph.Graph), newLedger()
				latency := graph.Latency{Deleted: test.gone}
				graph.Add(g, newResource(c, test.shape, latency))
				walk := graph.Walk{Ledger: ledger, Factories: graph.Factories{"vpc": func() graph.Resource { return emptyResource(c, test.shape, latency) }}}
				for range 90 {
					g.Ensure(t.Context(), walk)
					time.Sleep(time.Second)
				}
				for len(ledger.Entries()) > 0 {
					walk.Delete(t.Context())
					time.Sleep(time.Second)
				}
				time.Sleep(graph.ConsistencyWindow)
				require.Zero(t, c.live())
			})
		})
	}
}

func TestDeleteDoesNotWaitAfterTheConsistencyWindow(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		c.after["create vpc"] = lostAnswer
		g, ledger := new(graph.Graph), newLedger()
		graph.Add(g, newResource(c, keyed, graph.Latency{}))
		walk := graph.Walk{Ledger: ledger, Factories: graph.Factories{"vpc": func() graph.Resource { return emptyResource(c, keyed, graph.Latency{}) }}}
		for !g.Ensure(t.Context(), walk).Settled() {
			time.Sleep(time.Second)
		}
		time.Sleep(graph.ConsistencyWindow)
		require.True(t, walk.Delete(t.Context()).Settled())
		require.Zero(t, c.live())
	})
}

func TestAResourceDesiredAgainDuringALateCreateExistsOnce(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		c.late = graph.ConsistencyWindow - time.Minute
		ledger := newLedger()
		walk := graph.Walk{Ledger: ledger, Factories: graph.Factories{"vpc": func() graph.Resource { return emptyResource(c, idempotent, graph.Latency{}) }}}
		desired, empty := new(graph.Graph), new(graph.Graph)
		graph.Add(desired, newResource(c, idempotent, graph.Latency{}))
		for range 30 {
			desired.Ensure(t.Context(), walk)
			time.Sleep(time.Second)
		}
		require.Equal(t, 1, c.live())
		empty.Ensure(t.Context(), walk)
		require.Zero(t, c.live())
		for !desired.Ensure(t.Context(), walk).Settled() {
			time.Sleep(time.Second)
		}
		time.Sleep(graph.ConsistencyWindow)
		require.Equal(t, 1, c.live())
	})
}
