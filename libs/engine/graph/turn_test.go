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

// turn is the refusal of a call whose turn is a minute away, and which was never sent.
var turn = &fault.Fault{Kind: fault.Exhausted, Class: fault.Rate, AWSCode: "NotSent", Message: "waits for its turn: place 12", RetryAfter: time.Minute}

func waits(t *testing.T, report graph.Report) {
	t.Helper()
	require.Len(t, report, 1)
	require.NoError(t, report.Err())
	require.Equal(t, graph.Step{Name: "box", Outcome: graph.Waiting, Message: turn.Message, RequeueAfter: time.Minute}, report[0])
}

// passing makes one pass over a graph of one box of this shape.
func passing(t *testing.T, c *cloud, ledger *memory, shape string) func() graph.Report {
	t.Helper()
	return func() graph.Report {
		g := new(graph.Graph)
		graph.Add(g, form(c, shape, graph.Latency{}))
		return g.Ensure(t.Context(), graph.Walk{Ledger: ledger})
	}
}

func TestACreateThatWaitsForItsTurnIsMadeThenWithTheSameIntent(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		ledger := newMemory()
		c.before["create box"] = turn
		pass := passing(t, c, ledger, plain)
		waits(t, pass())
		intended, _ := ledger.entry("box")
		require.Nil(t, intended.Fault)
		require.Equal(t, turn.Message, intended.Message)
		c.told()
		time.Sleep(20 * time.Second)
		report := pass()
		require.Equal(t, graph.Waiting, report[0].Outcome)
		require.Equal(t, turn.Message, report[0].Message)
		require.Equal(t, 40*time.Second, report[0].RequeueAfter)
		require.Empty(t, c.told(), "it does not ask before it was told to")
		time.Sleep(40 * time.Second)
		require.True(t, pass().Settled())
		require.Equal(t, []string{"create box"}, c.told(), "nothing has to be looked for: nothing was sent")
		made, _ := ledger.entry("box")
		require.Equal(t, 1, made.Attempt)
		require.Equal(t, intended.Token, made.Token)
		require.Empty(t, made.Message)
	})
}

// place is a place in a queue, and what asking for it tells.
type place struct {
	asked int
	tells error
}

func (p *place) Error() string { return "put off" }

func (p *place) Ask() error {
	p.asked++
	return p.tells
}

func TestNoIntentIsStoredOfACreateThatIsPutOffAgain(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		ledger, before := newMemory(), new(place)
		far := turn.Because(before)
		before.tells, c.before["create box"] = far, far
		pass := passing(t, c, ledger, plain)
		waits(t, pass())
		intended, _ := ledger.entry("box")
		require.Equal(t, []string{"create box"}, c.told())
		require.Zero(t, before.asked, "who never asked has no place")
		for range 3 {
			time.Sleep(time.Minute)
			waits(t, pass())
		}
		require.Equal(t, 3, before.asked)
		require.Empty(t, c.told(), "no call is begun")
		asked, _ := ledger.entry("box")
		require.Equal(t, intended, asked, "and nothing is written")
		before.tells = nil
		delete(c.before, "create box")
		time.Sleep(time.Minute)
		require.True(t, pass().Settled())
		require.Equal(t, []string{"create box"}, c.told())
	})
}

func TestARefusalAfterALostAnswerIsNoProofThatNothingExists(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]*fault.Fault{"it waits for its turn": turn, "the quota is used up": quota} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, c *cloud) {
				c.lag = 2 * time.Minute
				ledger := newMemory()
				pass := passing(t, c, ledger, repeats)
				c.after["create box"] = unansweredMessage
				pass()
				time.Sleep(time.Minute)
				c.before["create box"] = refusal
				pass()
				require.Equal(t, 1, c.live())
				for range 20 {
					time.Sleep(time.Minute)
					graph.Walk{Ledger: ledger, Factories: kinds(c, 0, "box")}.Delete(t.Context())
				}
				require.Empty(t, ledger.Entries())
				require.Zero(t, c.live(), "what was made was forgotten")
			})
		})
	}
}

func TestALookThatWaitsForItsTurnIsMadeLater(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		routine bool
		outcome graph.Outcome
		state   graph.State
	}{
		"after a change nothing is taken for granted": {false, graph.Waiting, graph.Drifted},
		"a routine leaves it as it was":               {true, graph.Unchanged, graph.Ready},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, c *cloud) {
				ledger := newMemory()
				pass := func(survey bool) graph.Report {
					g := new(graph.Graph)
					graph.Add(g, form(c, plain, graph.Latency{}))
					return g.Ensure(t.Context(), graph.Walk{Ledger: ledger, Resync: survey, Routine: test.routine})
				}
				require.True(t, pass(false).Settled())
				c.before["observe box"] = turn
				report := pass(true)
				require.Equal(t, test.outcome, report[0].Outcome)
				require.Equal(t, time.Minute, report.RequeueAfter())
				e, _ := ledger.entry("box")
				require.Equal(t, test.state, e.State)
				require.Nil(t, e.Fault)
				c.told()
				time.Sleep(time.Minute)
				require.True(t, pass(test.routine).Settled())
				require.Equal(t, []string{"observe box"}, c.told())
			})
		})
	}
}

func TestADeleteThatWaitsForItsTurnAsksNoSooner(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		ledger := newMemory()
		g := new(graph.Graph)
		graph.Add(g, form(c, plain, graph.Latency{}))
		require.True(t, g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).Settled())
		e, _ := ledger.entry("box")
		c.before["delete "+e.ID] = turn
		c.told()
		pass := func() graph.Report {
			return graph.Walk{Ledger: ledger, Factories: kinds(c, 0, "box")}.Delete(t.Context())
		}
		waits(t, pass())
		c.told()
		time.Sleep(30 * time.Second)
		require.False(t, pass().Settled())
		require.Empty(t, c.told())
		time.Sleep(30 * time.Second)
		require.True(t, pass().Settled())
		require.Zero(t, c.live())
	})
}

// located is a thing that tells from where it was called.
type located struct {
	machine
	step string
}

func (l *located) Create(ctx context.Context) (graph.State, error) {
	l.step = callcontext.From(ctx).Resource
	return l.machine.Create(ctx)
}

// ranked keeps the rank of the step that it was created in.
type ranked struct {
	machine
	rank time.Duration
}

func (r *ranked) Create(ctx context.Context) (graph.State, error) {
	r.rank = callcontext.From(ctx).Rank
	return r.machine.Create(ctx)
}

func TestTheRankOfAStepIsTheRestOfItsCriticalPath(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		g := new(graph.Graph)
		add := func(name string, takes time.Duration, needs ...graph.Resource) *ranked {
			return graph.Add(g, &ranked{machine: machine{cloud: c, name: name, needs: needs, usual: graph.Latency{Ready: takes}}})
		}
		vpc := add("vpc", 0)
		subnet := add("subnet", 0, vpc)
		gateway := add("gateway", 100*time.Second, subnet)
		group := add("group", 0, vpc)
		route := add("route", 0, gateway)
		ledger := newMemory()
		for report := g.Ensure(t.Context(), graph.Walk{Ledger: ledger}); !report.Settled(); report = g.Ensure(t.Context(), graph.Walk{Ledger: ledger}) {
			time.Sleep(report.RequeueAfter())
		}
		const call = 250 * time.Millisecond
		require.Equal(t, []time.Duration{100*time.Second + 4*call, 100*time.Second + 3*call, 100*time.Second + 2*call, call, call},
			[]time.Duration{vpc.rank, subnet.rank, gateway.rank, group.rank, route.rank})
	})
}

func TestACallKnowsTheStepThatItIsMadeFor(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		g := new(graph.Graph)
		box := graph.Add(g, &located{machine: machine{cloud: c, name: "box"}})
		require.True(t, g.Ensure(t.Context(), graph.Walk{Ledger: newMemory()}).Settled())
		require.Equal(t, "box", box.step)
		name, rank := callcontext.From(t.Context()).Resource, callcontext.From(t.Context()).Rank
		require.Empty(t, name)
		require.Zero(t, rank)
	})
}
