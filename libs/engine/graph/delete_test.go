package graph_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/engine/graph"
)

// chain is three things of which each needs the one before.
func chain(c *cloud, names ...string) *graph.Graph {
	g := new(graph.Graph)
	var last []graph.Resource
	for _, name := range names {
		last = []graph.Resource{graph.Add(g, &machine{cloud: c, name: name, needs: last, usual: graph.Latency{Gone: 10 * time.Second}})}
	}
	return g
}

func TestDeleteTakesEachThingAfterWhatNeededIt(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		ledger := newMemory()
		require.True(t, chain(c, "a", "b", "c").Ensure(t.Context(), graph.Walk{Ledger: ledger}).Settled())
		c.told()
		walk := graph.Walk{Ledger: ledger, Factories: kinds(c, 10*time.Second, "a", "b", "c")}

		report := walk.Delete(t.Context())
		require.Equal(t, "waiting   c\nblocked   b\nblocked   a\n", report.String())
		require.Equal(t, 8*time.Second, report.RequeueAfter(), "what lingers is looked at near its usual time")
		require.Equal(t, []string{"delete c#3"}, c.told())
		e, _ := ledger.entry("c")
		require.Equal(t, graph.Deleting, e.State)

		require.Equal(t, "waiting   c\nblocked   b\nblocked   a\n", walk.Delete(t.Context()).String())
		require.Empty(t, c.told(), "a pass woken early makes no call")

		time.Sleep(8 * time.Second)
		require.Equal(t, 1250*time.Millisecond, walk.Delete(t.Context()).RequeueAfter(), "then every eighth of it")
		require.Equal(t, []string{"observe c#3"}, c.told())

		time.Sleep(2 * time.Second)
		require.Equal(t, "changed   c\nwaiting   b\nblocked   a\n", walk.Delete(t.Context()).String())
		for !walk.Delete(t.Context()).Settled() {
			time.Sleep(time.Second)
		}
		require.Empty(t, ledger.Entries())
		require.Zero(t, c.live())
	})
}

func TestDeleteOfAnIntentWaitsUntilItCanShowNoMore(t *testing.T) {
	t.Parallel()
	t.Run("and forgets it then", func(t *testing.T) {
		t.Parallel()
		inBubble(t, func(t *testing.T, c *cloud) {
			ledger := newMemory(graph.Entry{Name: "box", State: graph.Intended, Token: "t-box-1", Attempt: 1, IntendTime: time.Now()})
			walk := graph.Walk{Ledger: ledger, Factories: kinds(c, 0, "box")}
			began := time.Now()
			for {
				report := walk.Delete(t.Context())
				if report.Settled() {
					break
				}
				require.Equal(t, "waiting   box\n", report.String())
				time.Sleep(report.RequeueAfter())
			}
			require.GreaterOrEqual(t, time.Since(began), graph.ConsistencyWindow)
			require.Empty(t, ledger.Entries())
		})
	})
	t.Run("and removes what shows late", func(t *testing.T) {
		t.Parallel()
		inBubble(t, func(t *testing.T, c *cloud) {
			c.lag = 4 * time.Minute
			c.things = append(c.things, &thing{id: "box#0", token: "t-box-1", born: time.Now()})
			ledger := newMemory(graph.Entry{Name: "box", State: graph.Intended, Token: "t-box-1", Attempt: 1, IntendTime: time.Now()})
			walk := graph.Walk{Ledger: ledger, Factories: kinds(c, 0, "box")}
			for !walk.Delete(t.Context()).Settled() {
				time.Sleep(time.Second)
			}
			require.Empty(t, ledger.Entries())
			require.Zero(t, c.live())
		})
	})
}

func TestWhatWasRefusedGoesWithoutACall(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		ledger := newMemory(graph.Entry{Name: "box", State: graph.Refused, Attempt: 1, Fault: quota})
		require.True(t, graph.Walk{Ledger: ledger, Factories: kinds(c, 0, "box")}.Delete(t.Context()).Settled())
		require.Empty(t, c.told())
		require.Empty(t, ledger.Entries())
	})
}

func TestADeleteThatDidNotTakeIsAskedForAgain(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		c.things = append(c.things, &thing{id: "box#0"})
		ledger := newMemory(graph.Entry{Name: "box", ID: "box#0", State: graph.Deleting, Since: time.Now()})
		walk := graph.Walk{Ledger: ledger, Factories: kinds(c, time.Minute, "box")}
		require.Equal(t, "waiting   box\n", walk.Delete(t.Context()).String())
		require.Equal(t, []string{"observe box#0"}, c.told(), "it may only be late in showing that it goes")

		time.Sleep(time.Minute)
		report := walk.Delete(t.Context())
		require.Equal(t, "waiting   box\n", report.String())
		require.Equal(t, []string{"observe box#0", "delete box#0"}, c.told())
	})
}

func TestARefusedDeleteIsToldAndTriedAgain(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		c.things = append(c.things, &thing{id: "box#0"})
		ledger := newMemory(graph.Entry{Name: "box", ID: "box#0", State: graph.Ready})
		walk := graph.Walk{Ledger: ledger, Factories: kinds(c, 0, "box")}
		c.before["delete box#0"] = busy
		report := walk.Delete(t.Context())
		require.Equal(t, "failed    box\n", report.String())
		e, _ := ledger.entry("box")
		require.Equal(t, "in use", e.Message)
		require.Equal(t, "DependencyViolation", e.Fault.AWSCode)
		c.told()
		walk.Delete(t.Context())
		require.Empty(t, c.told(), "not before its time")
		time.Sleep(report.RequeueAfter())
		require.True(t, walk.Delete(t.Context()).Settled())
	})
}

func TestAKindThatIsNotKnownFailsAloneAndLosesNothing(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		c.things = append(c.things, &thing{id: "box#0"})
		ledger := newMemory(graph.Entry{Name: "box", ID: "box#0", State: graph.Ready}, graph.Entry{Name: "relic/1", ID: "r", State: graph.Ready})
		report := graph.Walk{Ledger: ledger, Factories: kinds(c, 0, "box")}.Delete(t.Context())
		require.Equal(t, "failed    relic/1\nchanged   box\n", report.String())
		require.ErrorContains(t, report.Err(), `kind "relic" is not known`)
		_, kept := ledger.entry("relic/1")
		require.True(t, kept)
	})
}

func TestWhatIsHeldStaysAndSoDoesWhatItNeeds(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		ledger, held := newMemory(), "is still used by nodePools/orchid"
		require.True(t, chain(c, "a", "b", "c").Ensure(t.Context(), graph.Walk{Ledger: ledger}).Settled())
		c.told()
		walk := graph.Walk{Ledger: ledger, Factories: kinds(c, 0, "a", "b", "c"), DeleteBlocker: func(name string) string {
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
		require.Equal(t, []string{"delete c#3"}, c.told())

		held = ""
		require.True(t, walk.Delete(t.Context()).Settled())
		require.Zero(t, c.live())
	})
}

func TestWhatIsNoLongerDeclaredGoesOnceTheRestHasSettledInReverseOfItsNeeds(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		ledger := newMemory()
		require.True(t, chain(c, "kept", "old/1", "old/2").Ensure(t.Context(), graph.Walk{Ledger: ledger}).Settled())
		c.told()
		walk := graph.Walk{Ledger: ledger, Factories: kinds(c, 0, "old")}
		g := chain(c, "kept", "fresh")

		c.before["create fresh"] = quota
		report := g.Ensure(t.Context(), walk)
		require.Equal(t, "unchanged kept\nfailed    fresh\n", report.String())
		require.Equal(t, []string{"create fresh"}, c.told(), "nothing old goes before the new is there")

		time.Sleep(report.RequeueAfter())
		require.Equal(t, "unchanged kept\nchanged   fresh\nchanged   old/2\nchanged   old/1\n", g.Ensure(t.Context(), walk).String())
		require.Equal(t, []string{"create fresh", "delete old/2#3", "delete old/1#2"}, c.told())
		require.Equal(t, 2, c.live())
		require.Equal(t, "unchanged kept\nunchanged fresh\n", g.Ensure(t.Context(), walk).String())
	})
}

func TestWhatHasANaturalKeyIsDeletedByItThoughTheAnswerWasLost(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		c.lag = time.Hour // Nothing shows, so that only the key can tell.
		c.after["create box"] = unansweredMessage
		g, ledger := new(graph.Graph), newMemory()
		graph.Add(g, &keyed{machine{cloud: c, name: "box"}})
		require.False(t, g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).Settled())
		require.Equal(t, 1, c.live())
		// It is not deleted before the look that is planned, unless everything is looked at.
		graph.Walk{Ledger: ledger, Resync: true, Factories: graph.Factories{"box": func() graph.Resource { return &keyed{machine{cloud: c}} }}}.Delete(t.Context())
		require.Zero(t, c.live())
	})
}
