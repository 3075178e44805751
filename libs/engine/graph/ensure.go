package graph

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/skep-dev/skep/libs/platform/callcontext"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// Ensure creates absent resources and repairs drifted ones, dependencies first. After all of them
// have settled it deletes the resources that the ledger holds and the graph does not.
func (g *Graph) Ensure(ctx context.Context, w Walk) Report {
	known := make(map[string]Entry)
	var retired []Entry
	for _, e := range w.Ledger.Entries() {
		known[e.Name] = e
		if g.names[e.Name] == nil {
			retired = append(retired, e)
		}
	}
	var steps []*step
	visitors := make(map[string]visitor, len(g.resources))
	for _, r := range g.resources {
		if dependency, ok := r.(*Dependency); ok {
			steps = append(steps, &step{Step: Step{Name: r.Name()}, visit: dependency.await})
			continue
		}
		e, ok := known[r.Name()]
		if !ok {
			e = Entry{Name: r.Name()}
		}
		e.Needs = needsInAWS(r)
		r.node().entry = e
		v := visitor{Walk: w, resource: r}
		v.Resync = w.Resync || w.Missing[r.Name()]
		visitors[r.Name()] = v
		steps = append(steps, &step{Step: Step{Name: r.Name()}, after: needs(r), takes: v.expectedLatency(toReady), visit: v.ensure})
	}
	report := visitAll(ctx, steps)
	for _, step := range report {
		// A resync did not reach this resource, so its state is unknown: the walk observes it as
		// soon as its needs have settled.
		if v, ok := visitors[step.Name]; ok && v.Resync && step.Outcome == Blocked && v.entry().State == Ready {
			v.note(Drifted)
		}
	}
	if len(retired) == 0 || !report.Settled() {
		return report
	}
	return append(report, w.remove(ctx, retired, false)...)
}

// visitor takes one resource one step further.
type visitor struct {
	Walk
	resource Resource
}

func (v visitor) entry() *Entry { return &v.resource.node().entry }

func (v visitor) ensure(ctx context.Context) Step {
	e := v.entry()
	switch {
	case e.State == Ready && e.Fault == nil && !v.Resync:
		return Step{Name: e.Name, Outcome: Unchanged}
	case e.State == Absent && v.Adopt:
		return v.adopt(ctx)
	case e.State == Absent:
		return v.create(ctx, e.Attempt+1)
	}
	if step, early := v.tooEarly(); early && !v.Resync {
		return step
	}
	switch {
	case e.State == Refused:
		return v.create(ctx, e.nextAttempt())
	case e.State == Deleting && e.ID == "" && v.uncertainty() <= 0:
		return v.create(ctx, e.Attempt+1)
	}
	if v.unobservable() && e.State == Pending && !v.Resync {
		v.note(Ready)
		return Step{Name: e.Name, Outcome: Changed}
	}
	return v.observe(ctx)
}

// observe reads the resource and takes the step that its state requires.
func (v visitor) observe(ctx context.Context) Step {
	e := v.entry()
	before := e.State
	if before == Pending && !v.Resync {
		ctx = v.patiently(ctx, toReady)
	}
	state, err := v.resource.Observe(ctx)
	if err != nil {
		return v.failed("observe", err)
	}
	switch state {
	case Ready:
		return v.becameReady(before)
	case Drifted:
		return v.update(ctx)
	case Absent:
		return v.recreate(ctx)
	default:
		if before != Pending {
			v.note(Pending)
		}
		return v.pollNext(v.progress(), toReady)
	}
}

// becameReady records that the resource is in the desired state.
func (v visitor) becameReady(before State) Step {
	if before == Pending || before == Intended {
		v.learn(toReady)
	}
	v.note(Ready)
	if before == Ready {
		return Step{Name: v.entry().Name, Outcome: Unchanged}
	}
	return Step{Name: v.entry().Name, Outcome: Changed}
}

// recreate handles a resource whose create was requested and that Observe does not find. Within
// the consistency window it waits; after it, it creates the resource again.
func (v visitor) recreate(ctx context.Context) Step {
	e := v.entry()
	// A create with a natural key is safe to repeat, unless AWS accepted the first one: then AWS
	// only shows the resource late.
	if _, keyed := v.resource.(NaturallyKeyed); keyed && e.State != Pending {
		return v.create(ctx, e.Attempt+1)
	}
	if _, repeatable := v.resource.(IdempotentCreate); repeatable && e.ID == "" && e.State != Deleting {
		return v.create(ctx, e.Attempt)
	}
	if e.State == Ready {
		*e = e.in(Drifted, time.Now())
	}
	if v.mayAppearFor() > 0 {
		if v.uncertainty() > 0 {
			// The unanswered request may create a resource with another id.
			e.ID = e.Key
		}
		v.Ledger.Note(*e)
		return v.pollForAppearance("was requested and AWS does not show it yet")
	}
	return v.create(ctx, e.Attempt+1)
}

// create stores the intent, then calls Create. The order keeps a crash from leaving a resource
// without a record.
func (v visitor) create(ctx context.Context, attempt int) Step {
	e, now := v.entry(), time.Now()
	if turn := v.Ledger.Turn(e.Name); turn != nil {
		// Asking first saves the write of an intent whose call would be postponed again.
		if err := turn.Ask(); err != nil {
			return v.failed("create", err)
		}
	}
	// An earlier request with this token may have created the resource.
	uncertain := attempt == e.Attempt && e.State == Intended
	switch {
	case attempt != e.Attempt || e.Token == "":
		*e = Entry{Name: e.Name, Needs: e.Needs, Attempt: attempt, Token: v.Ledger.Token(e.Name, attempt), IntendTime: now, UncertainTime: e.lastUnanswered()}
	case e.State == Intended:
		e.UncertainTime = now
	default:
		e.IntendTime = now
	}
	if keyed, ok := v.resource.(NaturallyKeyed); ok {
		e.Key = keyed.Key()
		e.ID = e.Key
	}
	*e = e.in(Intended, now)
	if err := v.Ledger.Intend(ctx, *e); err != nil {
		return Step{Name: e.Name, Outcome: Failed, Err: fmt.Errorf("store intent: %w", err)}
	}
	state, err := v.resource.Create(v.inCall(ctx))
	if err != nil {
		switch {
		case !isRefusal(err):
			e.UncertainTime = time.Now()
		case !uncertain:
			*e = e.in(Refused, time.Now())
		}
		return v.failed("create", err)
	}
	v.note(state)
	if state == Ready {
		return Step{Name: e.Name, Outcome: Changed}
	}
	return v.pollFirst("is being created", toReady)
}

func (v visitor) update(ctx context.Context) Step {
	e := v.entry()
	updater, ok := v.resource.(Updater)
	if !ok {
		return v.failed("update", ImmutableDrift())
	}
	if err := updater.Update(v.inCall(ctx)); err != nil {
		return v.failed("update", err)
	}
	if v.expectedLatency(toReady) > 0 {
		// An update of an asynchronous resource may take time too: an observation decides when it is ready.
		v.note(Pending)
		return v.requeue(v.progress(), earlyPoll)
	}
	v.note(Ready)
	return Step{Name: e.Name, Outcome: Changed}
}

func (v visitor) note(state State) {
	e := v.entry()
	v.Ledger.SetNextPoll(e.Name, time.Time{})
	*e = e.in(state, time.Now())
	v.Ledger.Note(*e)
}

func (v visitor) failed(verb string, err error) Step {
	e := v.entry()
	if f := fault.Of(err); isPostponed(f) {
		return v.postpone(verb, f)
	}
	e.Fault = fault.Of(err)
	e.Message = err.Error()
	if e.State != Absent {
		v.Ledger.Note(*e)
	}
	again := retryInterval
	if e.Fault.Class.Actor() == fault.ActorNone {
		again = maxInterval
	}
	v.Ledger.SetNextPoll(e.Name, time.Now().Add(v.wallTime(again)))
	return Step{Name: e.Name, Outcome: Failed, Message: e.Message, Err: fmt.Errorf("%s: %w", verb, err), RequeueAfter: v.wallTime(again)}
}

// isRefusal reports whether AWS certainly did not carry out the call.
func isRefusal(err error) bool {
	f := (*fault.Fault)(nil)
	return errors.As(err, &f) && f.AWSCode != "" && !f.Uncertain
}

// inCall returns the context of a mutating call for the resource.
func (v visitor) inCall(ctx context.Context) context.Context {
	e := v.entry()
	return callcontext.Update(ctx, func(c *callcontext.Call) { c.Resource, c.Token, c.ID = e.Name, e.Token, e.ID })
}
