package graph_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/platform/callcontext"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// turn is the fault of a call that a rate limit postpones for a minute.
var turn = &fault.Fault{Kind: fault.Exhausted, Class: fault.Rate, AWSCode: "NotSent", Message: "waits for its turn: place 12", RetryAfter: time.Minute}

func waits(t *testing.T, report graph.Report) {
	t.Helper()
	require.Len(t, report, 1)
	require.NoError(t, report.Err())
	require.Equal(t, graph.Step{Name: "vpc", Outcome: graph.Waiting, Message: turn.Message, RequeueAfter: time.Minute}, report[0])
}

// walkOnce returns a function that walks a graph of one resource of this shape.
func walkOnce(t *testing.T, c *fakeAWS, ledger *testLedger, shape string) func() graph.Report {
	t.Helper()
	return func() graph.Report {
		g := new(graph.Graph)
		graph.Add(g, newResource(c, shape, graph.Latency{}))
		return g.Ensure(t.Context(), graph.Walk{Ledger: ledger})
	}
}

func TestAPostponedCreateKeepsItsIntent(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		ledger := newLedger()
		c.before["create vpc"] = turn
		walk := walkOnce(t, c, ledger, plain)
		waits(t, walk())
		intended, _ := ledger.entry("vpc")
		require.Nil(t, intended.Fault)
		require.Equal(t, turn.Message, intended.Message)
		c.takeCalls()
		time.Sleep(20 * time.Second)
		report := walk()
		require.Equal(t, graph.Waiting, report[0].Outcome)
		require.Equal(t, turn.Message, report[0].Message)
		require.Equal(t, 40*time.Second, report[0].RequeueAfter)
		require.Empty(t, c.takeCalls(), "no call before the turn")
		time.Sleep(40 * time.Second)
		require.True(t, walk().Settled())
		require.Equal(t, []string{"create vpc"}, c.takeCalls(), "the create was never sent, so there is nothing to observe")
		created, _ := ledger.entry("vpc")
		require.Equal(t, 1, created.Attempt)
		require.Equal(t, intended.Token, created.Token)
		require.Empty(t, created.Message)
	})
}

// fakeTurn is a turn that counts its asks and returns a fixed answer.
type fakeTurn struct {
	asked  int
	answer error
}

func (t *fakeTurn) Error() string { return "postponed" }

func (t *fakeTurn) Ask() error {
	t.asked++
	return t.answer
}

func TestACreatePostponedAgainStoresNoIntent(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		ledger, before := newLedger(), new(fakeTurn)
		far := turn.Because(before)
		before.answer, c.before["create vpc"] = far, far
		walk := walkOnce(t, c, ledger, plain)
		waits(t, walk())
		intended, _ := ledger.entry("vpc")
		require.Equal(t, []string{"create vpc"}, c.takeCalls())
		require.Zero(t, before.asked, "the first create has no turn yet")
		for range 3 {
			time.Sleep(time.Minute)
			waits(t, walk())
		}
		require.Equal(t, 3, before.asked)
		require.Empty(t, c.takeCalls(), "no call is made")
		asked, _ := ledger.entry("vpc")
		require.Equal(t, intended, asked, "no intent is stored")
		before.answer = nil
		delete(c.before, "create vpc")
		time.Sleep(time.Minute)
		require.True(t, walk().Settled())
		require.Equal(t, []string{"create vpc"}, c.takeCalls())
	})
}

func TestARefusalAfterALostAnswerDoesNotProveAbsence(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]*fault.Fault{"postponed": turn, "quota exceeded": quota} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
				c.lag = 2 * time.Minute
				ledger := newLedger()
				walk := walkOnce(t, c, ledger, idempotent)
				c.after["create vpc"] = lostAnswer
				walk()
				time.Sleep(time.Minute)
				c.before["create vpc"] = refusal
				walk()
				require.Equal(t, 1, c.live())
				for range 20 {
					time.Sleep(time.Minute)
					graph.Walk{Ledger: ledger, Factories: factories(c, 0, "vpc")}.Delete(t.Context())
				}
				require.Empty(t, ledger.Entries())
				require.Zero(t, c.live(), "the created resource is an orphan")
			})
		})
	}
}

func TestAPostponedObservationIsRepeated(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		routine bool
		outcome graph.Outcome
		state   graph.State
	}{
		"after a change the resource counts as drifted": {false, graph.Waiting, graph.Drifted},
		"in a routine resync it stays ready":            {true, graph.Unchanged, graph.Ready},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
				ledger := newLedger()
				walk := func(resync bool) graph.Report {
					g := new(graph.Graph)
					graph.Add(g, newResource(c, plain, graph.Latency{}))
					return g.Ensure(t.Context(), graph.Walk{Ledger: ledger, Resync: resync, Routine: test.routine})
				}
				require.True(t, walk(false).Settled())
				c.before["observe vpc"] = turn
				report := walk(true)
				require.Equal(t, test.outcome, report[0].Outcome)
				require.Equal(t, time.Minute, report.RequeueAfter())
				e, _ := ledger.entry("vpc")
				require.Equal(t, test.state, e.State)
				require.Nil(t, e.Fault)
				c.takeCalls()
				time.Sleep(time.Minute)
				require.True(t, walk(test.routine).Settled())
				require.Equal(t, []string{"observe vpc"}, c.takeCalls())
			})
		})
	}
}

func TestAPostponedDeleteWaitsForItsTurn(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		ledger := newLedger()
		g := new(graph.Graph)
		graph.Add(g, newResource(c, plain, graph.Latency{}))
		require.True(t, g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).Settled())
		e, _ := ledger.entry("vpc")
		c.before["delete "+e.ID] = turn
		c.takeCalls()
		walk := func() graph.Report {
			return graph.Walk{Ledger: ledger, Factories: factories(c, 0, "vpc")}.Delete(t.Context())
		}
		waits(t, walk())
		c.takeCalls()
		time.Sleep(30 * time.Second)
		require.False(t, walk().Settled())
		require.Empty(t, c.takeCalls())
		time.Sleep(30 * time.Second)
		require.True(t, walk().Settled())
		require.Zero(t, c.live())
	})
}

// stepRecorder records the resource in the call context of its create.
type stepRecorder struct {
	fakeResource
	step string
}

func (r *stepRecorder) Create(ctx context.Context) (graph.State, error) {
	r.step = callcontext.From(ctx).Resource
	return r.fakeResource.Create(ctx)
}

// rankRecorder records the rank in the call context of its create.
type rankRecorder struct {
	fakeResource
	rank time.Duration
}

func (r *rankRecorder) Create(ctx context.Context) (graph.State, error) {
	r.rank = callcontext.From(ctx).Rank
	return r.fakeResource.Create(ctx)
}

func TestTheRankOfAStepIsTheRestOfItsCriticalPath(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		g := new(graph.Graph)
		add := func(name string, takes time.Duration, needs ...graph.Resource) *rankRecorder {
			return graph.Add(g, &rankRecorder{fakeResource: fakeResource{aws: c, name: name, needs: needs, latency: graph.Latency{Ready: takes}}})
		}
		vpc := add("vpc", 0)
		subnet := add("subnet", 0, vpc)
		gateway := add("gateway", 100*time.Second, subnet)
		group := add("group", 0, vpc)
		route := add("route", 0, gateway)
		ledger := newLedger()
		for report := g.Ensure(t.Context(), graph.Walk{Ledger: ledger}); !report.Settled(); report = g.Ensure(t.Context(), graph.Walk{Ledger: ledger}) {
			time.Sleep(report.RequeueAfter())
		}
		const call = 250 * time.Millisecond
		require.Equal(t, []time.Duration{100*time.Second + 4*call, 100*time.Second + 3*call, 100*time.Second + 2*call, call, call},
			[]time.Duration{vpc.rank, subnet.rank, gateway.rank, group.rank, route.rank})
	})
}

func TestTheCallContextNamesTheResource(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		g := new(graph.Graph)
		vpc := graph.Add(g, &stepRecorder{fakeResource: fakeResource{aws: c, name: "vpc"}})
		require.True(t, g.Ensure(t.Context(), graph.Walk{Ledger: newLedger()}).Settled())
		require.Equal(t, "vpc", vpc.step)
		name, rank := callcontext.From(t.Context()).Resource, callcontext.From(t.Context()).Rank
		require.Empty(t, name)
		require.Zero(t, rank)
	})
}
