package graph_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/engine/graph"
)

// forgetful is a ledger that can store no intent.
type forgetful struct{ *memory }

var errForgetful = errors.New("the disk is full")

func (forgetful) Intend(context.Context, graph.Entry) error { return errForgetful }

func TestAddRefusesMistakesOfTheProgram(t *testing.T) {
	t.Parallel()
	t.Run("two resources of one name", func(t *testing.T) {
		t.Parallel()
		g := new(graph.Graph)
		graph.Add(g, &machine{name: "box"})
		require.PanicsWithValue(t, "graph: two resources are named box", func() { graph.Add(g, &machine{name: "box"}) })
	})
	t.Run("a need that was not added", func(t *testing.T) {
		t.Parallel()
		stray := &machine{name: "stray"}
		require.PanicsWithValue(t, "graph: box needs stray, which was not added before it", func() {
			graph.Add(new(graph.Graph), &machine{name: "box", needs: []graph.Resource{stray}})
		})
	})
	t.Run("a need that only has the name of what was added", func(t *testing.T) {
		t.Parallel()
		g := new(graph.Graph)
		graph.Add(g, &machine{name: "wall"})
		require.Panics(t, func() {
			graph.Add(g, &machine{name: "box", needs: []graph.Resource{&machine{name: "wall"}}})
		})
	})
}

func TestABrokenResourceFailsAlone(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		c.panics = "create a"
		g := new(graph.Graph)
		a := graph.Add(g, &machine{cloud: c, name: "a"})
		graph.Add(g, &machine{cloud: c, name: "b"})
		graph.Add(g, &machine{cloud: c, name: "c", needs: []graph.Resource{a}})
		report := g.Ensure(t.Context(), graph.Walk{Ledger: newMemory()})
		require.Equal(t, "failed    a\nchanged   b\nblocked   c\n", report.String())
		require.ErrorContains(t, report.Err(), "panic: the provider is broken")
		require.Equal(t, "waits for a", report[2].Message)
	})
}

func TestWhatIsBlockedBlocksWhatNeedsItInTurn(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		c.before["create a"] = quota
		g := new(graph.Graph)
		a := graph.Add(g, &machine{cloud: c, name: "a"})
		b := graph.Add(g, &machine{cloud: c, name: "b", needs: []graph.Resource{a}})
		graph.Add(g, &machine{cloud: c, name: "c", needs: []graph.Resource{b}})
		ledger := newMemory()
		require.Equal(t, "failed    a\nblocked   b\nblocked   c\n", g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).String())
		require.Equal(t, []string{"create a"}, c.told())
		_, known := ledger.entry("b")
		require.False(t, known, "what is blocked is not intended")
	})
}

func TestTheMakespanOfAPassIsItsCriticalPath(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		c.answer = time.Second
		g := new(graph.Graph)
		root := graph.Add(g, &machine{cloud: c, name: "root"})
		var leaves []graph.Resource
		for i := range 30 {
			leaves = append(leaves, graph.Add(g, &machine{cloud: c, name: fmt.Sprintf("leaf/%d", i), needs: []graph.Resource{root}}))
		}
		tip := graph.Add(g, &machine{cloud: c, name: "tip", needs: leaves})
		graph.Add(g, &machine{cloud: c, name: "crown", needs: []graph.Resource{tip}})
		began, ledger := time.Now(), newMemory()
		require.True(t, g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).Settled())
		require.Equal(t, 4*time.Second, time.Since(began))

		began = time.Now()
		walk := graph.Walk{Ledger: ledger, Factories: kinds(c, 0, "root", "leaf", "tip", "crown")}
		require.True(t, walk.Delete(t.Context()).Settled())
		require.Equal(t, 4*time.Second, time.Since(began))
		require.Zero(t, c.live())
	})
}

func TestTheMakespanOfACreationIsItsCriticalPath(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		slow := func(name string, ready time.Duration, needs ...graph.Resource) *machine {
			return &machine{cloud: c, name: name, usual: graph.Latency{Ready: ready}, needs: needs}
		}
		g, ledger := new(graph.Graph), newMemory()
		a := graph.Add(g, slow("a", 60*time.Second))
		b := graph.Add(g, slow("b", 100*time.Second))
		graph.Add(g, slow("c", 120*time.Second, a)) // The critical path is a, c.
		graph.Add(g, slow("d", 10*time.Second, b))
		began := time.Now()
		for {
			report := g.Ensure(t.Context(), graph.Walk{Ledger: ledger})
			if report.Settled() {
				break
			}
			time.Sleep(report.RequeueAfter())
		}
		require.LessOrEqual(t, time.Since(began), 189*time.Second, "180 s are the critical path, 3 s a look are lost on each of its things")
		require.GreaterOrEqual(t, time.Since(began), 180*time.Second)
	})
}

func TestTheReportReadsAsATableOfContents(t *testing.T) {
	t.Parallel()
	report := graph.Report{
		{Name: "vpc", Outcome: graph.Unchanged},
		{Name: "subnet/public/a", Outcome: graph.Changed},
		{Name: "nat-gateway/a", Outcome: graph.Waiting, RequeueAfter: 30 * time.Second},
		{Name: "route/a", Outcome: graph.Blocked},
		{Name: "address/b", Outcome: graph.Failed, Err: errForgetful, RequeueAfter: time.Minute},
	}
	require.Equal(t, `unchanged vpc
changed   subnet/public/a
waiting   nat-gateway/a
blocked   route/a
failed    address/b
`, report.String())
	require.Equal(t, 30*time.Second, report.RequeueAfter())
	require.False(t, report.Settled())
	require.EqualError(t, report.Err(), "address/b: the disk is full")
	require.NoError(t, report[:2].Err())
	require.True(t, report[:2].Settled())
	require.True(t, graph.Report{}.Settled())
}

func TestAPlanSaysWhatEnsureWouldDoAndChangesNothing(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		ready := func(name string) graph.Entry {
			return graph.Entry{Name: name, ID: name + "#0", State: graph.Ready, Token: "t", Attempt: 1}
		}
		ledger := newMemory(ready("kept"), ready("drifted"), ready("lost"),
			graph.Entry{Name: "refused", State: graph.Refused, Attempt: 1}, ready("retired/1"), ready("retired/2"))
		c.things = []*thing{{id: "kept#0", value: "v"}, {id: "drifted#0", value: "other"}, {id: "retired/1#0"}, {id: "retired/2#0"}}
		g := new(graph.Graph)
		kept := graph.Add(g, &machine{cloud: c, name: "kept", value: "v"})
		for _, name := range []string{"drifted", "lost", "refused", "fresh"} {
			graph.Add(g, &machine{cloud: c, name: name, value: "v", needs: []graph.Resource{kept}})
		}
		before := ledger.Entries()
		actions, err := g.Plan(t.Context(), graph.Walk{Ledger: ledger})
		require.NoError(t, err)
		on := []string{"kept"}
		require.Equal(t, []graph.Action{
			{Verb: graph.Keep, Name: "kept", ID: "kept#0"},
			{Verb: graph.Update, Name: "drifted", Needs: on, ID: "drifted#0"},
			{Verb: graph.Create, Name: "lost", Needs: on},
			{Verb: graph.Create, Name: "refused", Needs: on},
			{Verb: graph.Create, Name: "fresh", Needs: on},
			{Verb: graph.Remove, Name: "retired/2", ID: "retired/2#0"},
			{Verb: graph.Remove, Name: "retired/1", ID: "retired/1#0"},
		}, actions)
		require.Equal(t, before, ledger.Entries())
		require.ElementsMatch(t, []string{"observe kept", "observe drifted", "observe lost"}, c.told())

		c.before["observe kept"] = unansweredMessage
		_, err = g.Plan(t.Context(), graph.Walk{Ledger: ledger})
		require.ErrorIs(t, err, unansweredMessage)
	})
}
