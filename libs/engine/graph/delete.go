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
func (p Pass) Delete(ctx context.Context) Report {
	return p.remove(ctx, p.Ledger.Entries(), true)
}

// remove deletes these entries. Everything says that nothing else stays.
func (p Pass) remove(ctx context.Context, entries []Entry, everything bool) Report {
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
	return walk(ctx, steps)
}

// forgetter forgets what went with its container.
func (p Pass) forgetter(e Entry) func(context.Context) Step {
	return func(context.Context) Step {
		p.Ledger.Forget(e.Name)
		return Step{Name: e.Name, Outcome: Changed}
	}
}

// remover restores the resource that e speaks of and returns its removal, and how
// long that usually takes.
func (p Pass) remover(e Entry) (func(context.Context) Step, time.Duration) {
	empty := p.Kinds[KindOf(e.Name)]
	if empty == nil {
		return func(context.Context) Step {
			return Step{Name: e.Name, Outcome: Failed, Err: fmt.Errorf("kind %q is not known", KindOf(e.Name))}
		}, 0
	}
	r := empty()
	r.node().entry = e
	v := visitor{Pass: p, resource: r}
	return v.remove, v.usual(death)
}

func (v visitor) remove(ctx context.Context) Step {
	e := v.entry()
	if v.Hold != nil {
		if reason := v.Hold(e.Name); reason != "" {
			e.Message = reason
			v.Ledger.Note(*e)
			return Step{Name: e.Name, Outcome: Blocked, Message: reason}
		}
	}
	e.DoubtTime = e.asked()
	if e.State == Refused || e.State == Absent {
		return v.gone()
	}
	if step, early := v.early(); early && !v.Survey && (e.State == Deleting || e.ID == "" || e.Fault != nil || e.Message != "") {
		return step
	}
	switch {
	case e.ID == "":
		return v.find(ctx)
	case e.State == Deleting && v.usual(death) > 0:
		return v.linger(ctx)
	default:
		return v.drop(ctx)
	}
}

// find looks for a thing whose create was never answered: it may show late, and
// what shows after it was forgotten would be an orphan.
func (v visitor) find(ctx context.Context) Step {
	state, err := v.resource.Observe(ctx)
	if err != nil {
		return v.failed("observe", err)
	}
	if state != Absent {
		return v.drop(ctx)
	}
	return v.gone()
}

// drop asks the thing to go.
func (v visitor) drop(ctx context.Context) Step {
	if err := v.resource.Delete(v.caused(ctx)); err != nil {
		return v.failed("delete", err)
	}
	final, ok := v.resource.(Final)
	if v.usual(death) == 0 || ok && final.Final() {
		return v.gone()
	}
	v.note(Deleting)
	return v.asked("is being deleted", death)
}

// linger looks whether a thing that was asked to go has gone.
func (v visitor) linger(ctx context.Context) Step {
	state, err := v.resource.Observe(v.patiently(ctx, death))
	if err != nil {
		return v.failed("observe", err)
	}
	switch state {
	case Absent:
		if v.doubt() <= 0 {
			v.learn(death)
		}
		return v.gone()
	case Ready, Drifted:
		if v.age(death) < v.usual(death) {
			// It may only be late in showing that it goes.
			return v.wait("is being deleted", death)
		}
		// The delete did not take.
		return v.drop(ctx)
	default:
		return v.wait("is being deleted", death)
	}
}

// gone forgets what is gone, unless a lost create may still bring it back: that is
// looked for by its token, or asked to go again by its key.
func (v visitor) gone() Step {
	e := v.entry()
	if v.doubt() <= 0 {
		v.Ledger.Forget(e.Name)
		return Step{Name: e.Name, Outcome: Changed}
	}
	e.ID, e.Attributes = e.Key, nil
	v.note(Deleting)
	e.Message = lost
	v.Ledger.Note(*e)
	if e.Key != "" && v.usual(death) == 0 {
		return v.again(e.Message, v.doubt())
	}
	return v.settle(e.Message)
}
