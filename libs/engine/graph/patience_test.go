package graph_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/platform/callcontext"
)

// waiting returns a ledger of resources in this state, with the delays until their polls.
func waiting(state graph.State, polls map[string]time.Duration) *testLedger {
	ledger := newLedger()
	for name, wait := range polls {
		ledger.Note(graph.Entry{Name: name, ID: name + "#1", State: state, Attempt: 1, Token: "t", IntendTime: time.Now(), Since: time.Now()})
		ledger.SetNextPoll(name, time.Now().Add(wait))
	}
	return ledger
}

func TestResourcesRequestedTogetherArePolledTogether(t *testing.T) {
	t.Parallel()
	polls := map[string]time.Duration{"due": 0, "soon": 100 * time.Millisecond, "later": 101 * time.Millisecond}
	t.Run("creates", func(t *testing.T) {
		t.Parallel()
		inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
			g := new(graph.Graph)
			for name := range polls {
				graph.Add(g, &fakeResource{aws: c, name: name, latency: graph.Latency{Ready: time.Minute}})
			}
			g.Ensure(t.Context(), graph.Walk{Ledger: waiting(graph.Pending, polls)})
			require.ElementsMatch(t, []string{"observe due", "observe soon"}, c.takeCalls())
		})
	})
	t.Run("deletes", func(t *testing.T) {
		t.Parallel()
		inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
			graph.Walk{Ledger: waiting(graph.Deleting, polls), Factories: factories(c, time.Minute, "due", "soon", "later")}.Delete(t.Context())
			require.ElementsMatch(t, []string{"observe due#1", "observe soon#1"}, c.takeCalls())
		})
	})
	t.Run("a fast delete is not polled early", func(t *testing.T) {
		t.Parallel()
		inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
			graph.Walk{Ledger: waiting(graph.Deleting, polls), Factories: factories(c, time.Second, "due", "soon", "later")}.Delete(t.Context())
			require.ElementsMatch(t, []string{"observe due#1"}, c.takeCalls())
		})
	})
}

// patienceRecorder is a resource that records the patience of its observations.
type patienceRecorder struct {
	fakeResource
	polls *[]time.Duration
}

func (r *patienceRecorder) Observe(ctx context.Context) (graph.State, error) {
	*r.polls = append(*r.polls, callcontext.From(ctx).Patience)
	return r.fakeResource.Observe(ctx)
}

func TestOnlyPollsOfAsynchronousResourcesWaitToShareCalls(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		latency time.Duration
		scale   float64
		want    []time.Duration // of a poll, and of a resync
	}{
		"minutes":                  {time.Minute, 1, []time.Duration{100 * time.Millisecond, 0}},
		"seconds":                  {2 * time.Second, 1, []time.Duration{40 * time.Millisecond, 0}},
		"minutes at time scale 10": {time.Minute, 10, []time.Duration{10 * time.Millisecond, 0}},
		"a synchronous create":     {0, 1, []time.Duration{0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
				var polls []time.Duration
				g := new(graph.Graph)
				graph.Add(g, &patienceRecorder{fakeResource{aws: c, name: "gateway", latency: graph.Latency{Ready: test.latency}}, &polls})
				walk := graph.Walk{Ledger: newLedger(), TimeScale: test.scale}
				g.Ensure(t.Context(), walk)
				time.Sleep(test.latency)
				g.Ensure(t.Context(), walk)
				walk.Resync = true
				g.Ensure(t.Context(), walk)
				require.Equal(t, test.want, polls)
			})
		})
	}
}

// immediatelyDeleted is a resource whose Deleted returns end.
type immediatelyDeleted struct {
	fakeResource
	end bool
}

func (r *immediatelyDeleted) Deleted() bool { return r.end }

func TestAnImmediateDeleteNeedsNoPoll(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		final bool
		want  string
	}{
		"reported deleted":     {true, line(graph.Changed, "disk") + "\n"},
		"not reported deleted": {false, line(graph.Waiting, "disk") + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
				ledger := newLedger(graph.Entry{Name: "disk", ID: "disk#1", State: graph.Ready, Attempt: 1, Token: "t"})
				all := graph.Factories{"disk": func() graph.Resource {
					return &immediatelyDeleted{fakeResource{aws: c, latency: graph.Latency{Deleted: time.Second}}, test.final}
				}}
				require.Equal(t, test.want, graph.Walk{Ledger: ledger, Factories: all}.Delete(t.Context()).String())
				require.Equal(t, []string{"delete disk#1"}, c.takeCalls())
				require.Len(t, ledger.Entries(), map[bool]int{true: 0, false: 1}[test.final])
			})
		})
	}
}

func TestAPlanObservesConcurrently(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		build := func() *graph.Graph {
			g := new(graph.Graph)
			first := graph.Add(g, &fakeResource{aws: c, name: "first"})
			for _, name := range []string{"one", "two", "three"} {
				graph.Add(g, &fakeResource{aws: c, name: name, needs: []graph.Resource{first}})
			}
			return g
		}
		ledger := newLedger()
		require.True(t, build().Ensure(t.Context(), graph.Walk{Ledger: ledger}).Settled())
		c.takeCalls()
		c.answer = time.Second
		began := time.Now()
		actions, err := build().Plan(t.Context(), graph.Walk{Ledger: ledger})
		require.NoError(t, err)
		require.Len(t, actions, 4)
		require.Equal(t, 2*time.Second, time.Since(began), "independent resources are observed concurrently")
		require.Len(t, c.takeCalls(), 4)
	})
}
