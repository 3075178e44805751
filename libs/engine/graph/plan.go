package graph

import (
	"context"
	"slices"
)

// Verb is the action that a plan contains for a resource.
type Verb string

// The verbs of a plan.
const (
	// Create means that the resource does not exist and would be created.
	Create Verb = "create"
	// Update means that the resource exists and would be changed in place.
	Update Verb = "update"
	// Remove means that the resource exists, is no longer desired and would be deleted.
	Remove Verb = "delete"
	// Keep means that the resource is in the desired state.
	Keep Verb = "keep"
)

// Action is one line of a plan: the verb for one resource, its dependencies and its AWS id.
type Action struct {
	Verb  Verb
	Name  string
	Needs []string
	ID    string
}

// Plan observes every resource, changes nothing, and returns the actions that Ensure would take,
// in a valid order. It observes independent resources concurrently, as a walk does, so that calls
// can be shared.
func (g *Graph) Plan(ctx context.Context, w Walk) ([]Action, error) {
	known := make(map[string]Entry)
	var removals []Action
	for _, e := range w.Ledger.Entries() {
		known[e.Name] = e
		if g.names[e.Name] == nil {
			removals = append(removals, Action{Verb: Remove, Name: e.Name, ID: e.ID})
		}
	}
	actions := make([]Action, 0, len(g.resources)+len(removals))
	var steps []*step
	for _, r := range g.resources {
		if _, external := r.(*Dependency); external {
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

// decide sets the verb from the observed state of r.
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
