package graph_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// The forms of the machine that a row of the table is about.
const (
	plain      = "plain"
	repeats    = "repeatable"
	named      = "keyed"
	changeable = "changeable"
)

func form(c *cloud, shape string, usual graph.Latency) graph.Resource {
	return shaped(shape, machine{cloud: c, name: "box", value: "declared", usual: usual})
}

// bare is a form of which only the ledger knows, to be deleted.
func bare(c *cloud, shape string, usual graph.Latency) graph.Resource {
	return shaped(shape, machine{cloud: c, usual: usual})
}

func shaped(shape string, m machine) graph.Resource {
	switch shape {
	case repeats:
		return &repeatable{m}
	case named:
		return &keyed{m}
	case changeable:
		return &mended{m}
	}
	return &m
}

// The ages of intents: one that may still show, and one that cannot.
const (
	young = time.Minute
	old   = graph.ConsistencyWindow
)

func TestEnsureTakesEveryStateOneStepFurther(t *testing.T) {
	t.Parallel()
	slow := graph.Latency{Ready: 100 * time.Second, Gone: 50 * time.Second}
	tests := map[string]struct {
		shape    string
		usual    graph.Latency
		entry    graph.Entry   // What is remembered; nothing if it has no name.
		age      time.Duration // How long ago it was intended.
		exists   string        // The value of what exists; "" is nothing.
		leaves   bool          // What exists is being deleted.
		unready  bool          // What exists is not ready yet.
		survey   bool
		before   map[string]error
		outcome  graph.Outcome
		calls    []string
		state    graph.State
		attempt  int
		again    time.Duration
		entryMsg string
	}{
		"what is absent is created": {
			shape: plain, outcome: graph.Changed, calls: []string{"create box"}, state: graph.Ready, attempt: 1},
		"what takes its time is looked at a little before its usual time": {
			shape: plain, usual: slow, outcome: graph.Waiting, calls: []string{"create box"}, state: graph.Pending, attempt: 1, again: 80 * time.Second},
		"a refused create leaves nothing and is patient if somebody must act": {
			shape: plain, before: map[string]error{"create box": quota},
			outcome: graph.Failed, calls: []string{"create box"}, state: graph.Refused, attempt: 1, again: time.Minute, entryMsg: "too many"},
		"a refused create is soon tried again if nobody need act": {
			shape: plain, before: map[string]error{"create box": busy},
			outcome: graph.Failed, calls: []string{"create box"}, state: graph.Refused, attempt: 1, again: 3 * time.Second, entryMsg: "in use"},
		"a create without an answer stays an intent": {
			shape: plain, before: map[string]error{"create box": unansweredMessage},
			outcome: graph.Failed, calls: []string{"create box"}, state: graph.Intended, attempt: 1, again: 3 * time.Second, entryMsg: "no answer"},
		"what was refused is created as a new attempt": {
			shape: plain, entry: graph.Entry{Name: "box", State: graph.Refused, Token: "t-box-1", Attempt: 1, Message: "too many", Fault: quota},
			outcome: graph.Changed, calls: []string{"create box"}, state: graph.Ready, attempt: 2},

		"an intent that shows is what was intended": {
			shape: plain, entry: graph.Entry{Name: "box", State: graph.Intended, Token: "t-box-1", Attempt: 1}, age: young, exists: "declared",
			outcome: graph.Changed, calls: []string{"observe box"}, state: graph.Ready, attempt: 1},
		"an intent that does not show yet waits": {
			shape: plain, entry: graph.Entry{Name: "box", State: graph.Intended, Token: "t-box-1", Attempt: 1}, age: young,
			outcome: graph.Waiting, calls: []string{"observe box"}, state: graph.Intended, attempt: 1, again: 15 * time.Second},
		"an intent that can show no more is a new attempt": {
			shape: plain, entry: graph.Entry{Name: "box", State: graph.Intended, Token: "t-box-1", Attempt: 1}, age: old,
			outcome: graph.Changed, calls: []string{"observe box", "create box"}, state: graph.Ready, attempt: 2},
		"an intent that may be repeated is repeated with its own token": {
			shape: repeats, entry: graph.Entry{Name: "box", State: graph.Intended, Token: "t-box-1", Attempt: 1}, age: young,
			outcome: graph.Changed, calls: []string{"observe box", "create box"}, state: graph.Ready, attempt: 1},
		"an intent with a natural key is in no doubt": {
			shape: named, entry: graph.Entry{Name: "box", ID: "key of box", State: graph.Intended, Token: "t-box-1", Attempt: 1}, age: young,
			outcome: graph.Changed, calls: []string{"observe box", "create box"}, state: graph.Ready, attempt: 2},

		"what is pending and ready by now is ready": {
			shape: plain, usual: slow, entry: graph.Entry{Name: "box", ID: "box#0", State: graph.Pending, Token: "t-box-1", Attempt: 1}, age: young, exists: "declared",
			outcome: graph.Changed, calls: []string{"observe box"}, state: graph.Ready, attempt: 1},
		"what is pending still is looked at when its usual time is near": {
			shape: plain, usual: slow, entry: graph.Entry{Name: "box", ID: "box#0", State: graph.Pending, Token: "t-box-1", Attempt: 1}, age: young, exists: "declared", unready: true,
			outcome: graph.Waiting, calls: []string{"observe box"}, state: graph.Pending, attempt: 1, again: 20 * time.Second},
		"what is pending beyond its time is looked at every few seconds": {
			shape: plain, usual: slow, entry: graph.Entry{Name: "box", ID: "box#0", State: graph.Pending, Token: "t-box-1", Attempt: 1}, age: old, exists: "declared", unready: true,
			outcome: graph.Waiting, calls: []string{"observe box"}, state: graph.Pending, attempt: 1, again: 3 * time.Second},
		"what cannot be observed is not touched": {
			shape: plain, entry: graph.Entry{Name: "box", ID: "box#0", State: graph.Pending, Token: "t-box-1", Attempt: 1}, age: old, exists: "declared",
			before:  map[string]error{"observe box": unansweredMessage},
			outcome: graph.Failed, calls: []string{"observe box"}, state: graph.Pending, attempt: 1, again: 3 * time.Second, entryMsg: "no answer"},

		"what is ready is trusted without a survey": {
			shape: changeable, entry: graph.Entry{Name: "box", ID: "box#0", State: graph.Ready, Token: "t-box-1", Attempt: 1}, age: old,
			outcome: graph.Unchanged, state: graph.Ready, attempt: 1},
		"a survey finds it as it should be": {
			shape: changeable, entry: graph.Entry{Name: "box", ID: "box#0", State: graph.Ready, Token: "t-box-1", Attempt: 1}, age: old, exists: "declared", survey: true,
			outcome: graph.Unchanged, calls: []string{"observe box"}, state: graph.Ready, attempt: 1},
		"a survey repairs what drifted": {
			shape: changeable, entry: graph.Entry{Name: "box", ID: "box#0", State: graph.Ready, Token: "t-box-1", Attempt: 1}, age: old, exists: "other", survey: true,
			outcome: graph.Changed, calls: []string{"observe box", "update box"}, state: graph.Ready, attempt: 1},
		"what takes its time is ready after a repair when it is seen to be": {
			shape: changeable, usual: slow, entry: graph.Entry{Name: "box", ID: "box#0", State: graph.Ready, Token: "t-box-1", Attempt: 1, ReadyTime: time.Unix(1, 0)},
			age: old, exists: "other", survey: true,
			outcome: graph.Waiting, calls: []string{"observe box", "update box"}, state: graph.Pending, attempt: 1, again: 300 * time.Millisecond},
		"drift that cannot be repaired is the user's trouble": {
			shape: plain, entry: graph.Entry{Name: "box", ID: "box#0", State: graph.Ready, Token: "t-box-1", Attempt: 1}, age: old, exists: "other", survey: true,
			outcome: graph.Failed, calls: []string{"observe box"}, state: graph.Ready, attempt: 1, again: time.Minute,
			entryMsg: "is not as declared and cannot be changed in place"},
		"a survey creates anew what somebody removed": {
			shape: plain, entry: graph.Entry{Name: "box", ID: "box#0", State: graph.Ready, Token: "t-box-1", Attempt: 1}, age: old, survey: true,
			outcome: graph.Changed, calls: []string{"observe box", "create box"}, state: graph.Ready, attempt: 2},
		"what is new and does not show to a survey may be late": {
			shape: plain, entry: graph.Entry{Name: "box", ID: "box#0", State: graph.Ready, Token: "t-box-1", Attempt: 1}, age: young, survey: true,
			outcome: graph.Waiting, calls: []string{"observe box"}, state: graph.Drifted, attempt: 1, again: 15 * time.Second},

		"what was being deleted and is declared again is awaited to go": {
			shape: plain, entry: graph.Entry{Name: "box", ID: "box#0", State: graph.Deleting, Token: "t-box-1", Attempt: 1}, age: old, exists: "declared", leaves: true,
			outcome: graph.Waiting, calls: []string{"observe box"}, state: graph.Pending, attempt: 1, again: 3 * time.Second},
		"what was being deleted, is gone and is declared again is created": {
			shape: plain, entry: graph.Entry{Name: "box", ID: "box#0", State: graph.Deleting, Token: "t-box-1", Attempt: 1}, age: old,
			outcome: graph.Changed, calls: []string{"observe box", "create box"}, state: graph.Ready, attempt: 2},
		"what was being deleted without ever having an id is created": {
			shape: plain, entry: graph.Entry{Name: "box", State: graph.Deleting, Token: "t-box-1", Attempt: 1}, age: old,
			outcome: graph.Changed, calls: []string{"create box"}, state: graph.Ready, attempt: 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, c *cloud) {
				now := time.Now()
				time.Sleep(test.age)
				ledger := newMemory()
				if test.entry.Name != "" {
					test.entry.IntendTime, test.entry.Since = now, now
					ledger.Note(test.entry)
				}
				if test.exists != "" {
					there := &thing{id: "box#0", name: "box", token: "t-box-1", value: test.exists}
					if test.unready {
						there.ready = time.Now().Add(time.Hour)
					}
					if test.leaves {
						there.gone = time.Now().Add(time.Hour)
					}
					c.things = append(c.things, there)
				}
				if test.before != nil {
					c.before = test.before
				}
				g := new(graph.Graph)
				graph.Add(g, form(c, test.shape, test.usual))
				report := g.Ensure(t.Context(), graph.Walk{Ledger: ledger, Resync: test.survey})

				require.Equal(t, line(test.outcome, "box")+"\n", report.String())
				require.Equal(t, test.calls, c.told())
				e, ok := ledger.entry("box")
				require.True(t, ok)
				require.Equal(t, test.state, e.State)
				require.Equal(t, test.attempt, e.Attempt)
				require.Equal(t, ledger.Token("box", test.attempt), e.Token, "the token is that of the attempt")
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

func TestARepeatedCreateMakesNoSecondThing(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		c.lag = time.Hour // Nothing shows, so that only the token can tell.
		c.after["create box"] = unansweredMessage
		g, ledger := new(graph.Graph), newMemory()
		graph.Add(g, form(c, repeats, graph.Latency{}))
		require.False(t, g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).Settled())
		time.Sleep(time.Minute)
		require.True(t, g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).Settled())
		require.Equal(t, 1, c.live())
	})
}

func TestALostAnswerOfAThingWithoutATokenMakesNoSecondThing(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		c.lag = graph.ConsistencyWindow - time.Second // As late as can be.
		c.after["create box"] = unansweredMessage
		g, ledger := new(graph.Graph), newMemory()
		graph.Add(g, form(c, plain, graph.Latency{}))
		for !g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).Settled() {
			time.Sleep(time.Second)
		}
		require.Equal(t, 1, c.live())
		require.Equal(t, 1, c.made)
	})
}

func TestAPassThatIsWokenEarlyMakesNoCall(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		g, ledger := new(graph.Graph), newMemory()
		graph.Add(g, form(c, plain, graph.Latency{Ready: 100 * time.Second}))
		require.Equal(t, 80*time.Second, g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).RequeueAfter())
		require.Equal(t, []string{"create box"}, c.told())

		time.Sleep(30 * time.Second)
		report := g.Ensure(t.Context(), graph.Walk{Ledger: ledger})
		require.Equal(t, "waiting   box\n", report.String())
		require.Equal(t, 50*time.Second, report.RequeueAfter(), "the planned look stays where it was")
		require.Empty(t, c.told())

		time.Sleep(50 * time.Second)
		require.Equal(t, 3*time.Second, g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).RequeueAfter())
		require.Equal(t, []string{"observe box"}, c.told())
	})
}

func TestAFasterCloudIsLookedAtSooner(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		g := new(graph.Graph)
		graph.Add(g, form(c, plain, graph.Latency{Ready: 100 * time.Second}))
		require.Equal(t, 4*time.Second, g.Ensure(t.Context(), graph.Walk{Ledger: newMemory(), TimeScale: 20}).RequeueAfter())
	})
}

func TestARefusedUpdateIsTriedAgainWithoutASurvey(t *testing.T) {
	t.Parallel()
	for name, refusal := range map[string]struct {
		verb string
		err  error
	}{
		"an update that got no answer":  {"update box", unansweredMessage},
		"an update that was refused":    {"update box", quota},
		"an observe that got no answer": {"observe box", unansweredMessage},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, c *cloud) {
				ledger := newMemory(graph.Entry{Name: "box", ID: "box#0", State: graph.Ready, Token: "t-box-1", Attempt: 1})
				c.things = append(c.things, &thing{id: "box#0", name: "box", token: "t-box-1", value: "other"})
				c.before[refusal.verb] = refusal.err
				g := new(graph.Graph)
				graph.Add(g, form(c, changeable, graph.Latency{}))
				report := g.Ensure(t.Context(), graph.Walk{Ledger: ledger, Resync: true})
				require.Equal(t, "failed    box\n", report.String())
				require.Equal(t, "waiting   box\n", g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).String(), "not before its time")

				time.Sleep(report.RequeueAfter())
				require.Equal(t, "changed   box\n", g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).String())
				require.Equal(t, "declared", c.things[0].value)
				e, _ := ledger.entry("box")
				require.Nil(t, e.Fault)
			})
		})
	}
}

func TestWhatASurveyCouldNotReachIsLookedAtLater(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		ready := func(name string) graph.Entry {
			return graph.Entry{Name: name, ID: name + "#0", State: graph.Ready, Token: "t-" + name + "-1", Attempt: 1}
		}
		ledger := newMemory(ready("wall"), ready("door"))
		for _, name := range []string{"wall", "door"} {
			c.things = append(c.things, &thing{id: name + "#0", name: name, value: "other"})
		}
		c.before["update wall"] = busy
		g := new(graph.Graph)
		wall := graph.Add(g, &mended{machine{cloud: c, name: "wall", value: "declared"}})
		graph.Add(g, &mended{machine{cloud: c, name: "door", value: "declared", needs: []graph.Resource{wall}}})

		report := g.Ensure(t.Context(), graph.Walk{Ledger: ledger, Resync: true})
		require.Equal(t, "failed    wall\nblocked   door\n", report.String())
		time.Sleep(report.RequeueAfter())
		require.Equal(t, "changed   wall\nchanged   door\n", g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).String())
		require.Equal(t, "declared", c.things[1].value)
	})
}

func TestNothingIsCreatedWhoseIntentCouldNotBeStored(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		g := new(graph.Graph)
		graph.Add(g, form(c, plain, graph.Latency{}))
		report := g.Ensure(t.Context(), graph.Walk{Ledger: forgetful{newMemory()}})
		require.Equal(t, "failed    box\n", report.String())
		require.ErrorIs(t, report.Err(), errForgetful)
		require.ErrorContains(t, report.Err(), "box: store intent: ")
		require.Empty(t, c.told())
	})
}

func TestAFaultTellsWhatBecameOfIt(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		c.before["create box"] = quota
		g := new(graph.Graph)
		graph.Add(g, form(c, plain, graph.Latency{}))
		err := g.Ensure(t.Context(), graph.Walk{Ledger: newMemory()}).Err()
		require.ErrorContains(t, err, "box: create: too many")
		require.Equal(t, fault.Quota, fault.Of(err).Class)
	})
}

func TestWhatHasANaturalKeyAndShowsLateIsAskedForOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		c.lag = graph.ConsistencyWindow - time.Second // As late as can be.
		g, ledger := new(graph.Graph), newMemory()
		graph.Add(g, &keyed{machine{cloud: c, name: "box", usual: graph.Latency{Ready: time.Second}}})
		for !g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).Settled() {
			time.Sleep(time.Second)
		}
		require.Equal(t, 1, c.made)
	})
}

func TestAnErrorThatLeavesDoubtMakesNoSecondThing(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, c *cloud) {
		c.lag = time.Minute
		c.after["create box"] = &fault.Fault{Kind: fault.Unavailable, Class: fault.Transient, AWSCode: "InternalError", Message: "an internal error", InDoubt: true}
		g, ledger := new(graph.Graph), newMemory()
		graph.Add(g, form(c, plain, graph.Latency{}))
		for !g.Ensure(t.Context(), graph.Walk{Ledger: ledger}).Settled() {
			time.Sleep(time.Second)
		}
		require.Equal(t, 1, c.made)
	})
}
