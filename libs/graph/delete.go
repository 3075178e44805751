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
	return p.remove(ctx, p.Ledger.Entries())
}

func (p Pass) remove(ctx context.Context, entries []Entry) Report {
	var steps []*step
	for _, e := range slices.Backward(entries) {
		s := &step{Step: Step{Name: e.Name}}
		for _, other := range entries {
			if slices.Contains(other.Needs, e.Name) {
				s.after = append(s.after, other.Name)
			}
		}
		s.visit = p.remover(e)
		steps = append(steps, s)
	}
	return walk(ctx, steps)
}

// remover restores the resource that e speaks of and returns its removal.
func (p Pass) remover(e Entry) func(context.Context) Step {
	empty := p.Kinds[KindOf(e.Name)]
	if empty == nil {
		return func(context.Context) Step {
			return Step{Name: e.Name, Outcome: Failed, Err: fmt.Errorf("kind %q is not known", KindOf(e.Name))}
		}
	}
	r := empty()
	r.node().entry = e
	return visitor{Pass: p, resource: r}.remove
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
	if e.State == Refused || e.State == Absent {
		return v.gone()
	}
	if step, early := v.early(); early && !v.Survey && (e.State == Deleting || e.ID == "" || e.Fault != nil) {
		return step
	}
	switch {
	case e.ID == "":
		return v.find(ctx)
	case e.State == Deleting:
		return v.linger(ctx)
	default:
		return v.drop(ctx)
	}
}

// find looks for a thing whose create was never answered: it may show late, and
// what shows after it was forgotten would be an orphan.
func (v visitor) find(ctx context.Context) Step {
	e := v.entry()
	state, err := v.resource.Observe(ctx)
	if err != nil {
		return v.failed("observe", err)
	}
	if state != Absent {
		return v.drop(ctx)
	}
	if time.Now().Before(e.IntendTime.Add(v.pace(Settle))) {
		return v.waiting("was asked for, the answer was lost, and it may still show", e.IntendTime, 0)
	}
	return v.gone()
}

// drop asks the thing to go.
func (v visitor) drop(ctx context.Context) Step {
	if err := v.resource.Delete(ctx); err != nil {
		return v.failed("delete", err)
	}
	usual := v.usual().Gone
	if usual == 0 {
		return v.gone()
	}
	v.note(Deleting)
	return v.waiting("is being deleted", time.Now(), usual)
}

// linger looks whether a thing that was asked to go has gone.
func (v visitor) linger(ctx context.Context) Step {
	e := v.entry()
	state, err := v.resource.Observe(ctx)
	if err != nil {
		return v.failed("observe", err)
	}
	switch state {
	case Absent:
		return v.gone()
	case Ready, Drifted:
		// The delete did not take.
		return v.drop(ctx)
	default:
		return v.waiting("is being deleted", e.Since, v.usual().Gone)
	}
}

func (v visitor) gone() Step {
	v.Ledger.Forget(v.entry().Name)
	return Step{Name: v.entry().Name, Outcome: Changed}
}
