package graph

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Delete removes everything that the ledger remembers, each thing after
// everything that needed it. It needs no graph, so it works from any state and
// whatever has become of the specification.
func (p Walk) Delete(ctx context.Context) Report {
	return p.remove(ctx, p.Ledger.Entries(), true)
}

// remove deletes these entries. Everything says that nothing else stays.
func (p Walk) remove(ctx context.Context, entries []Entry, everything bool) Report {
	plan := p.plan(entries, everything)
	var steps []*step
	for _, e := range slices.Backward(entries) {
		s := &step{Step: Step{Name: e.Name}, after: plan.after[e.Name]}
		if plan.container[e.Name] != "" {
			s.visit = p.forgetter(e)
		} else {
			s.visit, s.takes = p.remover(e)
		}
		steps = append(steps, s)
	}
	return visitAll(ctx, steps)
}

// forgetter forgets what went with its container.
func (p Walk) forgetter(e Entry) func(context.Context) Step {
	return func(context.Context) Step {
		p.Ledger.Forget(e.Name)
		return Step{Name: e.Name, Outcome: Changed}
	}
}

// remover restores the resource that e speaks of and returns its removal, and how
// long that usually takes.
func (p Walk) remover(e Entry) (func(context.Context) Step, time.Duration) {
	empty := p.Factories[TypeOf(e.Name)]
	if empty == nil {
		return func(context.Context) Step {
			return Step{Name: e.Name, Outcome: Failed, Err: fmt.Errorf("kind %q is not known", TypeOf(e.Name))}
		}, 0
	}
	r := empty()
	r.node().entry = e
	v := visitor{Walk: p, resource: r}
	return v.remove, v.expectedLatency(toDeleted)
}

func (v visitor) remove(ctx context.Context) Step {
	e := v.entry()
	if v.DeleteBlocker != nil {
		if reason := v.DeleteBlocker(e.Name); reason != "" {
			e.Message = reason
			v.Ledger.Note(*e)
			return Step{Name: e.Name, Outcome: Blocked, Message: reason}
		}
	}
	e.UncertainTime = e.lastUnanswered()
	if e.State == Refused || e.State == Absent {
		return v.forget()
	}
	if step, early := v.tooEarly(); early && !v.Resync && (e.State == Deleting || e.ID == "" || e.Fault != nil || e.Message != "") {
		return step
	}
	switch {
	case e.ID == "":
		return v.findUnanswered(ctx)
	case e.State == Deleting && v.expectedLatency(toDeleted) > 0:
		return v.awaitDelete(ctx)
	default:
		return v.requestDelete(ctx)
	}
}

// findUnanswered looks for a thing whose create was never answered: it may show late, and
// what shows after it was forgotten would be an orphan.
func (v visitor) findUnanswered(ctx context.Context) Step {
	state, err := v.resource.Observe(ctx)
	if err != nil {
		return v.failed("observe", err)
	}
	if state != Absent {
		return v.requestDelete(ctx)
	}
	return v.forget()
}

// requestDelete asks the thing to go.
func (v visitor) requestDelete(ctx context.Context) Step {
	if err := v.resource.Delete(v.inCall(ctx)); err != nil {
		return v.failed("delete", err)
	}
	final, ok := v.resource.(DeleteReporter)
	if v.expectedLatency(toDeleted) == 0 || ok && final.Deleted() {
		return v.forget()
	}
	v.note(Deleting)
	return v.pollFirst("is being deleted", toDeleted)
}

// awaitDelete looks whether a thing that was asked to go has gone.
func (v visitor) awaitDelete(ctx context.Context) Step {
	state, err := v.resource.Observe(v.patiently(ctx, toDeleted))
	if err != nil {
		return v.failed("observe", err)
	}
	switch state {
	case Absent:
		if v.uncertainty() <= 0 {
			v.learn(toDeleted)
		}
		return v.forget()
	case Ready, Drifted:
		if v.age(toDeleted) < v.expectedLatency(toDeleted) {
			// It may only be late in showing that it goes.
			return v.pollNext("is being deleted", toDeleted)
		}
		// The delete did not take.
		return v.requestDelete(ctx)
	default:
		return v.pollNext("is being deleted", toDeleted)
	}
}

// forget forgets what is gone, unless a lost create may still bring it back: that is
// looked for by its token, or asked to go again by its key.
func (v visitor) forget() Step {
	e := v.entry()
	if v.uncertainty() <= 0 {
		v.Ledger.Forget(e.Name)
		return Step{Name: e.Name, Outcome: Changed}
	}
	e.ID, e.Attributes = e.Key, nil
	v.note(Deleting)
	e.Message = unansweredMessage
	v.Ledger.Note(*e)
	if e.Key != "" && v.expectedLatency(toDeleted) == 0 {
		return v.requeue(e.Message, v.uncertainty())
	}
	return v.pollForAppearance(e.Message)
}
