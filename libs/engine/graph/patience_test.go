package graph_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/platform/callcontext"
)

// waiting is a ledger of things that are on their way, each looked at so long from now.
func waiting(state graph.State, looks map[string]time.Duration) *memory {
	ledger := newMemory()
	for name, wait := range looks {
		ledger.Note(graph.Entry{Name: name, ID: name + "#1", State: state, Attempt: 1, Token: "t", IntendTime: time.Now(), Since: time.Now()})
		ledger.SetNextPoll(name, time.Now().Add(wait))
	}
	return ledger
}

func TestWhatWasAskedForTogetherIsLookedAtTogether(t *testing.T) {
	t.Parallel()
	looks := map[string]time.Duration{"due": 0, "soon": 100 * time.Millisecond, "later": 101 * time.Millisecond}
	t.Run("whether it is there", func(t *testing.T) {
		t.Parallel()
		inBubble(t, func(t *testing.T, c *cloud) {
			g := new(graph.Graph)
			for name := range looks {
				graph.Add(g, &machine{cloud: c, name: name, usual: graph.Latency{Ready: time.Minute}})
			}
			g.Ensure(t.Context(), graph.Walk{Ledger: waiting(graph.Pending, looks)})
			require.ElementsMatch(t, []string{"observe due", "observe soon"}, c.told())
		})
	})
	t.Run("whether it has gone", func(t *testing.T) {
		t.Parallel()
		inBubble(t, func(t *testing.T, c *cloud) {
			graph.Walk{Ledger: waiting(graph.Deleting, looks), Factories: kinds(c, time.Minute, "due", "soon", "later")}.Delete(t.Context())
			require.ElementsMatch(t, []string{"observe due#1", "observe soon#1"}, c.told())
		})
	})
	t.Run("but what is quick is not waited for", func(t *testing.T) {
		t.Parallel()
		inBubble(t, func(t *testing.T, c *cloud) {
			graph.Walk{Ledger: waiting(graph.Deleting, looks), Factories: kinds(c, time.Second, "due", "soon", "later")}.Delete(t.Context())
			require.ElementsMatch(t, []string{"observe due#1"}, c.told())
		})
	})
}

// patient is a machine that remembers how patient the looks at it are.
type patient struct {
	machine
	looks *[]time.Duration
}

func (p *patient) Observe(ctx context.Context) (graph.State, error) {
	*p.looks = append(*p.looks, callcontext.From(ctx).Patience)
	return p.machine.Observe(ctx)
}

func TestOnlyALookAtWhatTakesItsTimeIsPatient(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		usual time.Duration
		pace  float64
		want  []time.Duration // of the look that is waited with, and of a survey
	}{
		"a gateway takes minutes":           {time.Minute, 1, []time.Duration{100 * time.Millisecond, 0}},
		"a volume takes seconds":            {2 * time.Second, 1, []time.Duration{40 * time.Millisecond, 0}},
		"time runs ten times as fast":       {time.Minute, 10, []time.Duration{10 * time.Millisecond, 0}},
		"a subnet is there with the answer": {0, 1, []time.Duration{0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, c *cloud) {
				var looks []time.Duration
				g := new(graph.Graph)
				graph.Add(g, &patient{machine{cloud: c, name: "it", usual: graph.Latency{Ready: test.usual}}, &looks})
				p := graph.Walk{Ledger: newMemory(), TimeScale: test.pace}
				g.Ensure(t.Context(), p)
				time.Sleep(test.usual)
				g.Ensure(t.Context(), p)
				p.Resync = true
				g.Ensure(t.Context(), p)
				require.Equal(t, test.want, looks)
			})
		})
	}
}

// spent is a machine whose end comes with the answer to Delete, if that is so.
type spent struct {
	machine
	end bool
}

func (s *spent) Deleted() bool { return s.end }

func TestNobodyLooksWhetherAThingHasGoneWhoseDeleteWasFinal(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		final bool
		want  string
	}{
		"it was":     {true, line(graph.Changed, "disk") + "\n"},
		"it was not": {false, line(graph.Waiting, "disk") + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, c *cloud) {
				ledger := newMemory(graph.Entry{Name: "disk", ID: "disk#1", State: graph.Ready, Attempt: 1, Token: "t"})
				all := graph.Factories{"disk": func() graph.Resource {
					return &spent{machine{cloud: c, usual: graph.Latency{Gone: time.Second}}, test.final}
				}}
				require.Equal(t, test.want, graph.Walk{Ledger: ledger, Factories: all}.Delete(t.Context()).String())
				require.Equal(t, []string{"delete disk#1"}, c.told())
				require.Len(t, ledger.Entries(), map[bool]int{true: 0, false: 1}[test.final])
			})
		})
	}
}

func TestAPlanLooksSideBySide(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		build := func() *graph.Graph {
			g := new(graph.Graph)
			first := graph.Add(g, &machine{cloud: c, name: "first"})
			for _, name := range []string{"one", "two", "three"} {
				graph.Add(g, &machine{cloud: c, name: name, needs: []graph.Resource{first}})
			}
			return g
		}
		ledger := newMemory()
		require.True(t, build().Ensure(t.Context(), graph.Walk{Ledger: ledger}).Settled())
		c.told()
		c.answer = time.Second
		began := time.Now()
		actions, err := build().Plan(t.Context(), graph.Walk{Ledger: ledger})
		require.NoError(t, err)
		require.Len(t, actions, 4)
		require.Equal(t, 2*time.Second, time.Since(began), "what needs nothing of one another is looked at at once")
		require.Len(t, c.told(), 4)
	})
}
