package graph_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/engine/graph"
)

// chain returns a graph in which each resource needs the one before.
func chain(c *fakeAWS, names ...string) *graph.Graph {
	g := new(graph.Graph)
	var last []graph.Resource
	for _, name := range names {
		last = []graph.Resource{graph.Add(g, &fakeResource{aws: c, name: name, needs: last, latency: graph.Latency{Deleted: 10 * time.Second}})}
	}
	return g
}

func TestDeleteRemovesEachResourceAfterItsDependents(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		ledger := newLedger()
		require.True(t, chain(c, "a", "b", "c").Ensure(t.Context(), graph.Walk{Ledger: ledger}).Settled())
		c.takeCalls()
		walk := graph.Walk{Ledger: ledger, Factories: factories(c, 10*time.Second, "a", "b", "c")}

		report := walk.Delete(t.Context())
		require.Equal(t, "waiting   c\nblocked   b\nblocked   a\n", report.String())
		require.Equal(t, 8*time.Second, report.RequeueAfter(), "polled near the expected time")
		require.Equal(t, []string{"delete c#3"}, c.takeCalls())
		e, _ := ledger.entry("c")
		require.Equal(t, graph.Deleting, e.State)

		require.Equal(t, "waiting   c\nblocked   b\nblocked   a\n", walk.Delete(t.Context()).String())
		require.Empty(t, c.takeCalls(), "an early walk makes no call")

		time.Sleep(8 * time.Second)
		require.Equal(t, 1250*time.Millisecond, walk.Delete(t.Context()).RequeueAfter(), "then after an eighth of it")
		require.Equal(t, []string{"observe c#3"}, c.takeCalls())

		time.Sleep(2 * time.Second)
		require.Equal(t, "changed   c\nwaiting   b\nblocked   a\n", walk.Delete(t.Context()).String())
		for !walk.Delete(t.Context()).Settled() {
			time.Sleep(time.Second)
		}
		require.Empty(t, ledger.Entries())
		require.Zero(t, c.live())
	})
}

func TestDeleteOfAnIntentWaitsForTheConsistencyWindow(t *testing.T) {
	t.Parallel()
	t.Run("then removes the entry", func(t *testing.T) {
		t.Parallel()
		inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
			ledger := newLedger(graph.Entry{Name: "vpc", State: graph.Intended, Token: "t-vpc-1", Attempt: 1, IntendTime: time.Now()})
			walk := graph.Walk{Ledger: ledger, Factories: factories(c, 0, "vpc")}
			began := time.Now()
			for {
				report := walk.Delete(t.Context())
				if report.Settled() {
					break
				}
				require.Equal(t, "waiting   vpc\n", report.String())
				time.Sleep(report.RequeueAfter())
			}
			require.GreaterOrEqual(t, time.Since(began), graph.ConsistencyWindow)
			require.Empty(t, ledger.Entries())
		})
	})
	t.Run("deletes a resource that appears late", func(t *testing.T) {
		t.Parallel()
		inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
			c.lag = 4 * time.Minute
			c.resources = append(c.resources, &awsResource{id: "vpc#0", token: "t-vpc-1", born: time.Now()})
			ledger := newLedger(graph.Entry{Name: "vpc", State: graph.Intended, Token: "t-vpc-1", Attempt: 1, IntendTime: time.Now()})
			walk := graph.Walk{Ledger: ledger, Factories: factories(c, 0, "vpc")}
			for !walk.Delete(t.Context()).Settled() {
				time.Sleep(time.Second)
			}
			require.Empty(t, ledger.Entries())
			require.Zero(t, c.live())
		})
	})
}

func TestDeleteOfARefusedResourceMakesNoCall(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		ledger := newLedger(graph.Entry{Name: "vpc", State: graph.Refused, Attempt: 1, Fault: quota})
		require.True(t, graph.Walk{Ledger: ledger, Factories: factories(c, 0, "vpc")}.Delete(t.Context()).Settled())
		require.Empty(t, c.takeCalls())
		require.Empty(t, ledger.Entries())
	})
}

func TestADeleteWithoutEffectIsRepeated(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		c.resources = append(c.resources, &awsResource{id: "vpc#0"})
		ledger := newLedger(graph.Entry{Name: "vpc", ID: "vpc#0", State: graph.Deleting, Since: time.Now()})
		walk := graph.Walk{Ledger: ledger, Factories: factories(c, time.Minute, "vpc")}
		require.Equal(t, "waiting   vpc\n", walk.Delete(t.Context()).String())
		require.Equal(t, []string{"observe vpc#0"}, c.takeCalls(), "AWS may show the deletion late")

		time.Sleep(time.Minute)
		report := walk.Delete(t.Context())
		require.Equal(t, "waiting   vpc\n", report.String())
		require.Equal(t, []string{"observe vpc#0", "delete vpc#0"}, c.takeCalls())
	})
}

func TestARefusedDeleteIsReportedAndRetried(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		c.resources = append(c.resources, &awsResource{id: "vpc#0"})
		ledger := newLedger(graph.Entry{Name: "vpc", ID: "vpc#0", State: graph.Ready})
		walk := graph.Walk{Ledger: ledger, Factories: factories(c, 0, "vpc")}
		c.before["delete vpc#0"] = busy
		report := walk.Delete(t.Context())
		require.Equal(t, "failed    vpc\n", report.String())
		e, _ := ledger.entry("vpc")
		require.Equal(t, "in use", e.Message)
		require.Equal(t, "DependencyViolation", e.Fault.AWSCode)
		c.takeCalls()
		walk.Delete(t.Context())
		require.Empty(t, c.takeCalls(), "no call before the retry")
		time.Sleep(report.RequeueAfter())
		require.True(t, walk.Delete(t.Context()).Settled())
	})
}

func TestAnUnknownResourceTypeFailsAndKeepsItsEntry(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		c.resources = append(c.resources, &awsResource{id: "vpc#0"})
		ledger := newLedger(graph.Entry{Name: "vpc", ID: "vpc#0", State: graph.Ready}, graph.Entry{Name: "retired/1", ID: "r", State: graph.Ready})
		report := graph.Walk{Ledger: ledger, Factories: factories(c, 0, "vpc")}.Delete(t.Context())
		require.Equal(t, "failed    retired/1\nchanged   vpc\n", report.String())
		require.ErrorContains(t, report.Err(), `resource type "retired" is unknown`)
		_, kept := ledger.entry("retired/1")
		require.True(t, kept)
	})
}

func TestADeleteBlockerKeepsAResourceAndItsNeeds(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		ledger, held := newLedger(), "is still used by nodePools/orchid"
		require.True(t, chain(c, "a", "b", "c").Ensure(t.Context(), graph.Walk{Ledger: ledger}).Settled())
		c.takeCalls()
		walk := graph.Walk{Ledger: ledger, Factories: factories(c, 0, "a", "b", "c"), DeleteBlocker: func(name string) string {
			if name == "b" {
				return held
			}
			return ""
		}}
		report := walk.Delete(t.Context())
		require.Equal(t, "changed   c\nblocked   b\nblocked   a\n", report.String())
		require.Equal(t, held, report[1].Message)
		require.Zero(t, report.RequeueAfter(), "only an event helps")
		e, _ := ledger.entry("b")
		require.Equal(t, held, e.Message)
		require.Equal(t, []string{"delete c#3"}, c.takeCalls())

		held = ""
		require.True(t, walk.Delete(t.Context()).Settled())
		require.Zero(t, c.live())
	})
}

func TestUndesiredResourcesAreDeletedAfterTheRestHasSettled(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		ledger := newLedger()
		require.True(t, chain(c, "kept", "old/1", "old/2").Ensure(t.Context(), graph.Walk{Ledger: ledger}).Settled())
		c.takeCalls()
		walk := graph.Walk{Ledger: ledger, Factories: factories(c, 0, "old")}
		g := chain(c, "kept", "fresh")

		c.before["create fresh"] = quota
		report := g.Ensure(t.Context(), walk)
		require.Equal(t, "unchanged kept\nfailed    fresh\n", report.String())
		require.Equal(t, []string{"create fresh"}, c.takeCalls(), "no delete before the new resource is ready")

		time.Sleep(report.RequeueAfter())
		require.Equal(t, "unchanged kept\nchanged   fresh\nchanged   old/2\nchanged   old/1\n", g.Ensure(t.Context(), walk).String())
		require.Equal(t, []string{"create fresh", "delete old/2#3", "delete old/1#2"}, c.takeCalls())
		require.Equal(t, 2, c.live())
		require.Equal(t, "unchanged kept\nunchanged fresh\n", g.Ensure(t.Context(), walk).String())
	})
}

func TestDeleteUsesTheNaturalKeyAfterALostAnswer(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		c.lag = time.Hour // No resource appears, so only the key identifies it.
		c.after["create vpc"] = lostAnswer
		g, ledger := new(graph.Graph), newLedger()
		graph.Add(g, &keyedResource{fakeResource{aws: c, name: "vpc"}})
		require.False(t, g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).Settled())
		require.Equal(t, 1, c.live())
		// Without Resync the delete would wait for the scheduled poll.
		graph.Walk{Ledger: ledger, Resync: true, Factories: graph.Factories{"vpc": func() graph.Resource { return &keyedResource{fakeResource{aws: c}} }}}.Delete(t.Context())
		require.Zero(t, c.live())
	})
}
