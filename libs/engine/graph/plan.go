package graph

import (
	"context"
	"slices"
)

// Verb is what a plan would do to a resource.
type Verb string

// The verbs of a plan.
const (
	// Create means that it does not exist and would be created.
	Create Verb = "create"
	// Update means that it exists and would be changed in place.
	Update Verb = "update"
	// Remove means that it exists, is no longer declared and would be deleted.
	Remove Verb = "delete"
	// Keep means that it is as declared.
	Keep Verb = "keep"
)

// Action is what a plan would do to one resource.
type Action struct {
	Verb  Verb
	Name  string
	Needs []string
	ID    string
}

// Plan looks at everything, changes nothing, and says what Ensure would do, in
// an order that works. It looks as a walk does: at what does not depend on one
// another side by side, so that calls can be shared.
func (g *Graph) Plan(ctx context.Context, p Walk) ([]Action, error) {
	known := make(map[string]Entry)
	var removals []Action
	for _, e := range p.Ledger.Entries() {
		known[e.Name] = e
		if g.names[e.Name] == nil {
			removals = append(removals, Action{Verb: Remove, Name: e.Name, ID: e.ID})
		}
	}
	actions := make([]Action, 0, len(g.resources)+len(removals))
	var steps []*step
	for _, r := range g.resources {
		if _, awaited := r.(*Dependency); awaited {
			continue
		}
		e := known[r.Name()]
		e.Name, e.Needs = r.Name(), needsInAWS(r)
		r.node().entry = e
		actions = append(actions, Action{Verb: Create, Name: r.Name(), Needs: e.Needs})
		action := &actions[len(actions)-1]
		steps = append(steps, &step{Step: Step{Name: r.Name()}, after: needs(r), visit: func(ctx context.Context) Step {
			if err := action.decide(ctx, r); err != nil {
				return Step{Name: r.Name(), Outcome: Failed, Err: err}
			}
			return Step{Name: r.Name(), Outcome: Unchanged}
		}})
	}
	for _, step := range visitAll(ctx, steps) {
		if step.Err != nil {
			return nil, step.Err
		}
	}
	slices.Reverse(removals)
	return append(actions, removals...), nil
}

// decide decides what would be done to what may be there.
func (a *Action) decide(ctx context.Context, r Resource) error {
	if state := r.node().entry.State; state == Refused || state == Absent {
		return nil
	}
	state, err := r.Observe(ctx)
	if err != nil {
		return err
	}
	switch a.ID = r.node().ID(); state {
	case Absent:
		a.ID = ""
	case Drifted:
		a.Verb = Update
	default:
		a.Verb = Keep
	}
	return nil
}
