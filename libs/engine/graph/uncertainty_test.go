package graph_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/engine/graph"
)

func TestALateCreateLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	shapes := map[string]struct {
		shape string
		// gone is how long the thing takes to go.
		gone time.Duration
	}{
		"a thing without a token":               {shape: plain},
		"a thing with a token":                  {shape: repeats},
		"a thing with a token that goes slowly": {shape: repeats, gone: time.Minute},
		"a thing with a name":                   {shape: named},
		"a thing with a name that goes slowly":  {shape: named, gone: time.Minute},
	}
	for name, test := range shapes {
		t.Run(name+" that is repeated and deleted before the first create is carried out", func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, c *cloud) {
				c.late = graph.ConsistencyWindow - time.Minute
				g, ledger := new(graph.Graph), newMemory()
				latency := graph.Latency{Gone: test.gone}
				graph.Add(g, form(c, test.shape, latency))
				walk := graph.Walk{Ledger: ledger, Factories: graph.Factories{"box": func() graph.Resource { return bare(c, test.shape, latency) }}}
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

func TestARepeatedDeleteIsNotWaitedForOnceTheDoubtHasPassed(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		c.after["create box"] = unansweredMessage
		g, ledger := new(graph.Graph), newMemory()
		graph.Add(g, form(c, named, graph.Latency{}))
		walk := graph.Walk{Ledger: ledger, Factories: graph.Factories{"box": func() graph.Resource { return bare(c, named, graph.Latency{}) }}}
		for !g.Ensure(t.Context(), walk).Settled() {
			time.Sleep(time.Second)
		}
		time.Sleep(graph.ConsistencyWindow)
		require.True(t, walk.Delete(t.Context()).Settled())
		require.Zero(t, c.live())
	})
}

func TestWhatIsDeclaredAgainWhileItsLateCreateMayShowIsNotMadeTwice(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		c.late = graph.ConsistencyWindow - time.Minute
		ledger := newMemory()
		walk := graph.Walk{Ledger: ledger, Factories: graph.Factories{"box": func() graph.Resource { return bare(c, repeats, graph.Latency{}) }}}
		declared, empty := new(graph.Graph), new(graph.Graph)
		graph.Add(declared, form(c, repeats, graph.Latency{}))
		for range 30 {
			declared.Ensure(t.Context(), walk)
			time.Sleep(time.Second)
		}
		require.Equal(t, 1, c.live())
		empty.Ensure(t.Context(), walk)
		require.Zero(t, c.live())
		for !declared.Ensure(t.Context(), walk).Settled() {
			time.Sleep(time.Second)
		}
		time.Sleep(graph.ConsistencyWindow)
		require.Equal(t, 1, c.live())
	})
}
