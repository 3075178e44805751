package graph

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Delete deletes every resource in the ledger, each one after all of its dependents. It needs no
// graph, so it works from any state and after any change of the spec.
func (w Walk) Delete(ctx context.Context) Report {
	return w.remove(ctx, w.Ledger.Entries(), true)
}

// remove deletes the resources of these entries. everything means that entries is the whole
// ledger.
func (w Walk) remove(ctx context.Context, entries []Entry, everything bool) Report {
	plan := w.plan(entries, everything)
	var steps []*step
	for _, e := range slices.Backward(entries) {
		s := &step{Step: Step{Name: e.Name}, after: plan.after[e.Name]}
		if plan.container[e.Name] != "" {
			s.visit = w.forgetter(e)
		} else {
			s.visit, s.takes = w.remover(e)
		}
		steps = append(steps, s)
	}
	return visitAll(ctx, steps)
}

// forgetter returns the visit that removes the entry of a resource that AWS deleted together with
// its container.
func (w Walk) forgetter(e Entry) func(context.Context) Step {
	return func(context.Context) Step {
		w.Ledger.Forget(e.Name)
		return Step{Name: e.Name, Outcome: Changed}
	}
}

// remover constructs the resource of e and returns the visit that deletes it, and the expected
// latency of the delete.
func (w Walk) remover(e Entry) (func(context.Context) Step, time.Duration) {
	empty := w.Factories[TypeOf(e.Name)]
	if empty == nil {
		return func(context.Context) Step {
			return Step{Name: e.Name, Outcome: Failed, Err: fmt.Errorf("resource type %q is unknown", TypeOf(e.Name))}
		}, 0
	}
	r := empty()
	r.node().entry = e
	v := visitor{Walk: w, resource: r}
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

// findUnanswered looks for a resource whose create was never answered. AWS may show it late, and a
// resource that appears after its entry was removed would be an orphan.
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

// requestDelete calls Delete.
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

// awaitDelete observes whether a requested deletion is complete.
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
			// AWS may show the deletion late.
			return v.pollNext("is being deleted", toDeleted)
		}
		// AWS did not carry out the delete.
		return v.requestDelete(ctx)
	default:
		return v.pollNext("is being deleted", toDeleted)
	}
}

// forget removes the entry of a resource that is gone, unless AWS may still carry out an
// unanswered create. Then the entry stays: polls look for the resource by token, or delete it
// again by key.
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
