package graph_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// The shapes of the resource under test.
const (
	plain      = "plain"
	idempotent = "idempotent"
	keyed      = "keyed"
	updatable  = "updatable"
)

func newResource(c *fakeAWS, shape string, latency graph.Latency) graph.Resource {
	return withShape(shape, fakeResource{aws: c, name: "vpc", value: "desired", latency: latency})
}

// emptyResource returns a resource as a factory does, to be deleted.
func emptyResource(c *fakeAWS, shape string, latency graph.Latency) graph.Resource {
	return withShape(shape, fakeResource{aws: c, latency: latency})
}

func withShape(shape string, r fakeResource) graph.Resource {
	switch shape {
	case idempotent:
		return &idempotentResource{r}
	case keyed:
		return &keyedResource{r}
	case updatable:
		return &updatableResource{r}
	}
	return &r
}

// The ages of intents: within the consistency window, and at its end.
const (
	young = time.Minute
	old   = graph.ConsistencyWindow
)

func TestEnsureTakesEachStateOneStepFurther(t *testing.T) {
	t.Parallel()
	slow := graph.Latency{Ready: 100 * time.Second, Deleted: 50 * time.Second}
	tests := map[string]struct {
		shape    string
		latency  graph.Latency
		entry    graph.Entry   // The ledger entry; none if it has no name.
		age      time.Duration // Age of the intent.
		exists   string        // The value of the existing resource; "" if there is none.
		leaves   bool          // The existing resource is being deleted.
		unready  bool          // The existing resource is not ready yet.
		resync   bool
		before   map[string]error
		outcome  graph.Outcome
		calls    []string
		state    graph.State
		attempt  int
		again    time.Duration
		entryMsg string
	}{
		"an absent resource is created": {
			shape: plain, outcome: graph.Changed, calls: []string{"create vpc"}, state: graph.Ready, attempt: 1},
		"an asynchronous resource is polled a little before its expected latency": {
			shape: plain, latency: slow, outcome: graph.Waiting, calls: []string{"create vpc"}, state: graph.Pending, attempt: 1, again: 80 * time.Second},
		"a refused create is retried after a minute if a person must act": {
			shape: plain, before: map[string]error{"create vpc": quota},
			outcome: graph.Failed, calls: []string{"create vpc"}, state: graph.Refused, attempt: 1, again: time.Minute, entryMsg: "too many"},
		"a refused create is retried soon if the actor is none": {
			shape: plain, before: map[string]error{"create vpc": busy},
			outcome: graph.Failed, calls: []string{"create vpc"}, state: graph.Refused, attempt: 1, again: 3 * time.Second, entryMsg: "in use"},
		"a create without an answer stays an intent": {
			shape: plain, before: map[string]error{"create vpc": lostAnswer},
			outcome: graph.Failed, calls: []string{"create vpc"}, state: graph.Intended, attempt: 1, again: 3 * time.Second, entryMsg: "no answer"},
		"a refused resource is created as a new attempt": {
			shape: plain, entry: graph.Entry{Name: "vpc", State: graph.Refused, Token: "t-vpc-1", Attempt: 1, Message: "too many", Fault: quota},
			outcome: graph.Changed, calls: []string{"create vpc"}, state: graph.Ready, attempt: 2},

		"an intent whose resource appears is ready": {
			shape: plain, entry: graph.Entry{Name: "vpc", State: graph.Intended, Token: "t-vpc-1", Attempt: 1}, age: young, exists: "desired",
			outcome: graph.Changed, calls: []string{"observe vpc"}, state: graph.Ready, attempt: 1},
		"an intent whose resource does not appear waits": {
			shape: plain, entry: graph.Entry{Name: "vpc", State: graph.Intended, Token: "t-vpc-1", Attempt: 1}, age: young,
			outcome: graph.Waiting, calls: []string{"observe vpc"}, state: graph.Intended, attempt: 1, again: 15 * time.Second},
		"an intent older than the consistency window is a new attempt": {
			shape: plain, entry: graph.Entry{Name: "vpc", State: graph.Intended, Token: "t-vpc-1", Attempt: 1}, age: old,
			outcome: graph.Changed, calls: []string{"observe vpc", "create vpc"}, state: graph.Ready, attempt: 2},
		"an idempotent create is repeated with its token": {
			shape: idempotent, entry: graph.Entry{Name: "vpc", State: graph.Intended, Token: "t-vpc-1", Attempt: 1}, age: young,
			outcome: graph.Changed, calls: []string{"observe vpc", "create vpc"}, state: graph.Ready, attempt: 1},
		"a create with a natural key is repeated at once": {
			shape: keyed, entry: graph.Entry{Name: "vpc", ID: "key of vpc", State: graph.Intended, Token: "t-vpc-1", Attempt: 1}, age: young,
			outcome: graph.Changed, calls: []string{"observe vpc", "create vpc"}, state: graph.Ready, attempt: 2},

		"a pending resource becomes ready": {
			shape: plain, latency: slow, entry: graph.Entry{Name: "vpc", ID: "vpc#0", State: graph.Pending, Token: "t-vpc-1", Attempt: 1}, age: young, exists: "desired",
			outcome: graph.Changed, calls: []string{"observe vpc"}, state: graph.Ready, attempt: 1},
		"a pending resource is polled near its expected latency": {
			shape: plain, latency: slow, entry: graph.Entry{Name: "vpc", ID: "vpc#0", State: graph.Pending, Token: "t-vpc-1", Attempt: 1}, age: young, exists: "desired", unready: true,
			outcome: graph.Waiting, calls: []string{"observe vpc"}, state: graph.Pending, attempt: 1, again: 20 * time.Second},
		"a pending resource beyond its expected latency is polled every few seconds": {
			shape: plain, latency: slow, entry: graph.Entry{Name: "vpc", ID: "vpc#0", State: graph.Pending, Token: "t-vpc-1", Attempt: 1}, age: old, exists: "desired", unready: true,
			outcome: graph.Waiting, calls: []string{"observe vpc"}, state: graph.Pending, attempt: 1, again: 3 * time.Second},
		"a failed observation changes nothing": {
			shape: plain, entry: graph.Entry{Name: "vpc", ID: "vpc#0", State: graph.Pending, Token: "t-vpc-1", Attempt: 1}, age: old, exists: "desired",
			before:  map[string]error{"observe vpc": lostAnswer},
			outcome: graph.Failed, calls: []string{"observe vpc"}, state: graph.Pending, attempt: 1, again: 3 * time.Second, entryMsg: "no answer"},

		"a ready resource is not observed without a resync": {
			shape: updatable, entry: graph.Entry{Name: "vpc", ID: "vpc#0", State: graph.Ready, Token: "t-vpc-1", Attempt: 1}, age: old,
			outcome: graph.Unchanged, state: graph.Ready, attempt: 1},
		"a resync observes a ready resource": {
			shape: updatable, entry: graph.Entry{Name: "vpc", ID: "vpc#0", State: graph.Ready, Token: "t-vpc-1", Attempt: 1}, age: old, exists: "desired", resync: true,
			outcome: graph.Unchanged, calls: []string{"observe vpc"}, state: graph.Ready, attempt: 1},
		"a resync repairs drift": {
			shape: updatable, entry: graph.Entry{Name: "vpc", ID: "vpc#0", State: graph.Ready, Token: "t-vpc-1", Attempt: 1}, age: old, exists: "other", resync: true,
			outcome: graph.Changed, calls: []string{"observe vpc", "update vpc"}, state: graph.Ready, attempt: 1},
		"an asynchronous resource is pending after a repair": {
			shape: updatable, latency: slow, entry: graph.Entry{Name: "vpc", ID: "vpc#0", State: graph.Ready, Token: "t-vpc-1", Attempt: 1, ReadyTime: time.Unix(1, 0)},
			age: old, exists: "other", resync: true,
			outcome: graph.Waiting, calls: []string{"observe vpc", "update vpc"}, state: graph.Pending, attempt: 1, again: 300 * time.Millisecond},
		"immutable drift is a fault": {
			shape: plain, entry: graph.Entry{Name: "vpc", ID: "vpc#0", State: graph.Ready, Token: "t-vpc-1", Attempt: 1}, age: old, exists: "other", resync: true,
			outcome: graph.Failed, calls: []string{"observe vpc"}, state: graph.Ready, attempt: 1, again: time.Minute,
			entryMsg: "differs from the desired state and cannot be changed in place"},
		"a resync creates a deleted resource again": {
			shape: plain, entry: graph.Entry{Name: "vpc", ID: "vpc#0", State: graph.Ready, Token: "t-vpc-1", Attempt: 1}, age: old, resync: true,
			outcome: graph.Changed, calls: []string{"observe vpc", "create vpc"}, state: graph.Ready, attempt: 2},
		"a new resource that a resync does not find may appear late": {
			shape: plain, entry: graph.Entry{Name: "vpc", ID: "vpc#0", State: graph.Ready, Token: "t-vpc-1", Attempt: 1}, age: young, resync: true,
			outcome: graph.Waiting, calls: []string{"observe vpc"}, state: graph.Drifted, attempt: 1, again: 15 * time.Second},

		"a resource that is desired again waits for the end of its delete": {
			shape: plain, entry: graph.Entry{Name: "vpc", ID: "vpc#0", State: graph.Deleting, Token: "t-vpc-1", Attempt: 1}, age: old, exists: "desired", leaves: true,
			outcome: graph.Waiting, calls: []string{"observe vpc"}, state: graph.Pending, attempt: 1, again: 3 * time.Second},
		"a deleted resource that is desired again is created": {
			shape: plain, entry: graph.Entry{Name: "vpc", ID: "vpc#0", State: graph.Deleting, Token: "t-vpc-1", Attempt: 1}, age: old,
			outcome: graph.Changed, calls: []string{"observe vpc", "create vpc"}, state: graph.Ready, attempt: 2},
		"a deleted intent that is desired again is created": {
			shape: plain, entry: graph.Entry{Name: "vpc", State: graph.Deleting, Token: "t-vpc-1", Attempt: 1}, age: old,
			outcome: graph.Changed, calls: []string{"create vpc"}, state: graph.Ready, attempt: 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
				now := time.Now()
				time.Sleep(test.age)
				ledger := newLedger()
				if test.entry.Name != "" {
					test.entry.IntendTime, test.entry.Since = now, now
					ledger.Note(test.entry)
				}
				if test.exists != "" {
					there := &awsResource{id: "vpc#0", name: "vpc", token: "t-vpc-1", value: test.exists}
					if test.unready {
						there.ready = time.Now().Add(time.Hour)
					}
					if test.leaves {
						there.gone = time.Now().Add(time.Hour)
					}
					c.resources = append(c.resources, there)
				}
				if test.before != nil {
					c.before = test.before
				}
				g := new(graph.Graph)
				graph.Add(g, newResource(c, test.shape, test.latency))
				report := g.Ensure(t.Context(), graph.Walk{Ledger: ledger, Resync: test.resync})

				require.Equal(t, line(test.outcome, "vpc")+"\n", report.String())
				require.Equal(t, test.calls, c.takeCalls())
				e, ok := ledger.entry("vpc")
				require.True(t, ok)
				require.Equal(t, test.state, e.State)
				require.Equal(t, test.attempt, e.Attempt)
				require.Equal(t, ledger.Token("vpc", test.attempt), e.Token, "the token belongs to the attempt")
				require.Equal(t, test.again, report.RequeueAfter())
				require.Equal(t, test.entryMsg, e.Message)
				require.Equal(t, test.outcome == graph.Failed, e.Fault != nil)
				require.Equal(t, test.outcome == graph.Failed, report.Err() != nil)
				if test.outcome == graph.Changed {
					require.NotEmpty(t, e.ID)
					require.False(t, e.ReadyTime.IsZero())
				}
			})
		})
	}
}

func TestARepeatedCreateCreatesNoSecondResource(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		c.lag = time.Hour // No resource appears, so only the token identifies it.
		c.after["create vpc"] = lostAnswer
		g, ledger := new(graph.Graph), newLedger()
		graph.Add(g, newResource(c, idempotent, graph.Latency{}))
		require.False(t, g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).Settled())
		time.Sleep(time.Minute)
		require.True(t, g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).Settled())
		require.Equal(t, 1, c.live())
	})
}

func TestALostAnswerWithoutATokenCreatesNoSecondResource(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		c.lag = graph.ConsistencyWindow - time.Second // The longest delay.
		c.after["create vpc"] = lostAnswer
		g, ledger := new(graph.Graph), newLedger()
		graph.Add(g, newResource(c, plain, graph.Latency{}))
		for !g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).Settled() {
			time.Sleep(time.Second)
		}
		require.Equal(t, 1, c.live())
		require.Equal(t, 1, c.created)
	})
}

func TestAWalkBeforeThePollTimeMakesNoCall(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		g, ledger := new(graph.Graph), newLedger()
		graph.Add(g, newResource(c, plain, graph.Latency{Ready: 100 * time.Second}))
		require.Equal(t, 80*time.Second, g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).RequeueAfter())
		require.Equal(t, []string{"create vpc"}, c.takeCalls())

		time.Sleep(30 * time.Second)
		report := g.Ensure(t.Context(), graph.Walk{Ledger: ledger})
		require.Equal(t, "waiting   vpc\n", report.String())
		require.Equal(t, 50*time.Second, report.RequeueAfter(), "the scheduled poll keeps its time")
		require.Empty(t, c.takeCalls())

		time.Sleep(50 * time.Second)
		require.Equal(t, 3*time.Second, g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).RequeueAfter())
		require.Equal(t, []string{"observe vpc"}, c.takeCalls())
	})
}

func TestTheTimeScaleShortensThePollInterval(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		g := new(graph.Graph)
		graph.Add(g, newResource(c, plain, graph.Latency{Ready: 100 * time.Second}))
		require.Equal(t, 4*time.Second, g.Ensure(t.Context(), graph.Walk{Ledger: newLedger(), TimeScale: 20}).RequeueAfter())
	})
}

func TestAFailedUpdateIsRetriedWithoutAResync(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]struct {
		verb string
		err  error
	}{
		"an update without an answer":  {"update vpc", lostAnswer},
		"a refused update":             {"update vpc", quota},
		"an observe without an answer": {"observe vpc", lostAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
				ledger := newLedger(graph.Entry{Name: "vpc", ID: "vpc#0", State: graph.Ready, Token: "t-vpc-1", Attempt: 1})
				c.resources = append(c.resources, &awsResource{id: "vpc#0", name: "vpc", token: "t-vpc-1", value: "other"})
				c.before[refusal.verb] = refusal.err
				g := new(graph.Graph)
				graph.Add(g, newResource(c, updatable, graph.Latency{}))
				report := g.Ensure(t.Context(), graph.Walk{Ledger: ledger, Resync: true})
				require.Equal(t, "failed    vpc\n", report.String())
				require.Equal(t, "waiting   vpc\n", g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).String(), "no call before the retry")

				time.Sleep(report.RequeueAfter())
				require.Equal(t, "changed   vpc\n", g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).String())
				require.Equal(t, "desired", c.resources[0].value)
				e, _ := ledger.entry("vpc")
				require.Nil(t, e.Fault)
			})
		})
	}
}

func TestAResourceBlockedDuringAResyncIsObservedLater(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		ready := func(name string) graph.Entry {
			return graph.Entry{Name: name, ID: name + "#0", State: graph.Ready, Token: "t-" + name + "-1", Attempt: 1}
		}
		ledger := newLedger(ready("vpc"), ready("subnet"))
		for _, name := range []string{"vpc", "subnet"} {
			c.resources = append(c.resources, &awsResource{id: name + "#0", name: name, value: "other"})
		}
		c.before["update vpc"] = busy
		g := new(graph.Graph)
		vpc := graph.Add(g, &updatableResource{fakeResource{aws: c, name: "vpc", value: "desired"}})
		graph.Add(g, &updatableResource{fakeResource{aws: c, name: "subnet", value: "desired", needs: []graph.Resource{vpc}}})

		report := g.Ensure(t.Context(), graph.Walk{Ledger: ledger, Resync: true})
		require.Equal(t, "failed    vpc\nblocked   subnet\n", report.String())
		time.Sleep(report.RequeueAfter())
		require.Equal(t, "changed   vpc\nchanged   subnet\n", g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).String())
		require.Equal(t, "desired", c.resources[1].value)
	})
}

func TestNoCreateWithoutAStoredIntent(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		g := new(graph.Graph)
		graph.Add(g, newResource(c, plain, graph.Latency{}))
		report := g.Ensure(t.Context(), graph.Walk{Ledger: failingLedger{newLedger()}})
		require.Equal(t, "failed    vpc\n", report.String())
		require.ErrorIs(t, report.Err(), errStore)
		require.ErrorContains(t, report.Err(), "vpc: store intent: ")
		require.Empty(t, c.takeCalls())
	})
}

func TestTheErrorOfAReportKeepsItsFault(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		c.before["create vpc"] = quota
		g := new(graph.Graph)
		graph.Add(g, newResource(c, plain, graph.Latency{}))
		err := g.Ensure(t.Context(), graph.Walk{Ledger: newLedger()}).Err()
		require.ErrorContains(t, err, "vpc: create: too many")
		require.Equal(t, fault.Quota, fault.Of(err).Class)
	})
}

func TestAKeyedResourceThatAppearsLateIsCreatedOnce(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		c.lag = graph.ConsistencyWindow - time.Second // The longest delay.
		g, ledger := new(graph.Graph), newLedger()
		graph.Add(g, &keyedResource{fakeResource{aws: c, name: "vpc", latency: graph.Latency{Ready: time.Second}}})
		for !g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).Settled() {
			time.Sleep(time.Second)
		}
		require.Equal(t, 1, c.created)
	})
}

func TestAnUncertainErrorCreatesNoSecondResource(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, func(t *testing.T, c *fakeAWS) {
		c.lag = time.Minute
		c.after["create vpc"] = &fault.Fault{Kind: fault.Unavailable, Class: fault.Transient, AWSCode: "InternalError", Message: "an internal error", Uncertain: true}
		g, ledger := new(graph.Graph), newLedger()
		graph.Add(g, newResource(c, plain, graph.Latency{}))
		for !g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).Settled() {
			time.Sleep(time.Second)
		}
		require.Equal(t, 1, c.created)
	})
}
