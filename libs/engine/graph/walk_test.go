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

// failingLedger is a ledger that cannot store intents.
type failingLedger struct{ *testLedger }

var errStore = errors.New("the disk is full")

func (failingLedger) Intend(context.Context, graph.Entry) error { return errStore }

func TestAddPanicsOnProgrammingErrors(t *testing.T) {
	t.Parallel()
	t.Run("two resources of one name", func(t *testing.T) {
		t.Parallel()
		g := new(graph.Graph)
		graph.Add(g, &fakeResource{name: "vpc"})
		require.PanicsWithValue(t, "graph: two resources are named vpc", func() { graph.Add(g, &fakeResource{name: "vpc"}) })
	})
	t.Run("a need that was not added", func(t *testing.T) {
		t.Parallel()
		stray := &fakeResource{name: "stray"}
		require.PanicsWithValue(t, "graph: vpc needs stray, which was not added before it", func() {
			graph.Add(new(graph.Graph), &fakeResource{name: "vpc", needs: []graph.Resource{stray}})
		})
	})
	t.Run("a need with the name of an added resource", func(t *testing.T) {
		t.Parallel()
		g := new(graph.Graph)
		graph.Add(g, &fakeResource{name: "vpc"})
		require.Panics(t, func() {
			graph.Add(g, &fakeResource{name: "subnet", needs: []graph.Resource{&fakeResource{name: "vpc"}}})
		})
	})
}

func TestAPanicFailsOnlyItsResourceAndItsDependents(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		c.panics = "create a"
		g := new(graph.Graph)
		a := graph.Add(g, &fakeResource{aws: c, name: "a"})
		graph.Add(g, &fakeResource{aws: c, name: "b"})
		graph.Add(g, &fakeResource{aws: c, name: "c", needs: []graph.Resource{a}})
		report := g.Ensure(t.Context(), graph.Walk{Ledger: newLedger()})
		require.Equal(t, "failed    a\nchanged   b\nblocked   c\n", report.String())
		require.ErrorContains(t, report.Err(), "panic: the resource is broken")
		require.Equal(t, "waits for a", report[2].Message)
	})
}

func TestABlockedResourceBlocksItsDependents(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		c.before["create a"] = quota
		g := new(graph.Graph)
		a := graph.Add(g, &fakeResource{aws: c, name: "a"})
		b := graph.Add(g, &fakeResource{aws: c, name: "b", needs: []graph.Resource{a}})
		graph.Add(g, &fakeResource{aws: c, name: "c", needs: []graph.Resource{b}})
		ledger := newLedger()
		require.Equal(t, "failed    a\nblocked   b\nblocked   c\n", g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).String())
		require.Equal(t, []string{"create a"}, c.takeCalls())
		_, known := ledger.entry("b")
		require.False(t, known, "a blocked resource has no intent")
	})
}

func TestTheDurationOfAWalkIsItsCriticalPath(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		c.answer = time.Second
		g := new(graph.Graph)
		root := graph.Add(g, &fakeResource{aws: c, name: "root"})
		var leaves []graph.Resource
		for i := range 30 {
			leaves = append(leaves, graph.Add(g, &fakeResource{aws: c, name: fmt.Sprintf("leaf/%d", i), needs: []graph.Resource{root}}))
		}
		tip := graph.Add(g, &fakeResource{aws: c, name: "tip", needs: leaves})
		graph.Add(g, &fakeResource{aws: c, name: "crown", needs: []graph.Resource{tip}})
		began, ledger := time.Now(), newLedger()
		require.True(t, g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).Settled())
		require.Equal(t, 4*time.Second, time.Since(began))

		began = time.Now()
		walk := graph.Walk{Ledger: ledger, Factories: factories(c, 0, "root", "leaf", "tip", "crown")}
		require.True(t, walk.Delete(t.Context()).Settled())
		require.Equal(t, 4*time.Second, time.Since(began))
		require.Zero(t, c.live())
	})
}

func TestTheDurationOfACreationIsItsCriticalPath(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		slow := func(name string, ready time.Duration, needs ...graph.Resource) *fakeResource {
			return &fakeResource{aws: c, name: name, latency: graph.Latency{Ready: ready}, needs: needs}
		}
		g, ledger := new(graph.Graph), newLedger()
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
		require.LessOrEqual(t, time.Since(began), 189*time.Second, "the critical path takes 180 s, and each of its polls adds at most 3 s")
		require.GreaterOrEqual(t, time.Since(began), 180*time.Second)
	})
}

func TestTheReportPrintsOneLineForEachStep(t *testing.T) {
	t.Parallel()
	report := graph.Report{
		{Name: "vpc", Outcome: graph.Unchanged},
		{Name: "subnet/public/a", Outcome: graph.Changed},
		{Name: "nat-gateway/a", Outcome: graph.Waiting, RequeueAfter: 30 * time.Second},
		{Name: "route/a", Outcome: graph.Blocked},
		{Name: "address/b", Outcome: graph.Failed, Err: errStore, RequeueAfter: time.Minute},
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

func TestAPlanListsTheActionsOfEnsureAndChangesNothing(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		ready := func(name string) graph.Entry {
			return graph.Entry{Name: name, ID: name + "#0", State: graph.Ready, Token: "t", Attempt: 1}
		}
		ledger := newLedger(ready("kept"), ready("drifted"), ready("lost"),
			graph.Entry{Name: "refused", State: graph.Refused, Attempt: 1}, ready("retired/1"), ready("retired/2"))
		c.resources = []*awsResource{{id: "kept#0", value: "v"}, {id: "drifted#0", value: "other"}, {id: "retired/1#0"}, {id: "retired/2#0"}}
		g := new(graph.Graph)
		kept := graph.Add(g, &fakeResource{aws: c, name: "kept", value: "v"})
		for _, name := range []string{"drifted", "lost", "refused", "fresh"} {
			graph.Add(g, &fakeResource{aws: c, name: name, value: "v", needs: []graph.Resource{kept}})
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
		require.ElementsMatch(t, []string{"observe kept", "observe drifted", "observe lost"}, c.takeCalls())

		c.before["observe kept"] = lostAnswer
		_, err = g.Plan(t.Context(), graph.Walk{Ledger: ledger})
		require.ErrorIs(t, err, lostAnswer)
	})
}
