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
// an order that works.
func (g *Graph) Plan(ctx context.Context, p Pass) ([]Action, error) {
	known := make(map[string]Entry)
	var actions, removals []Action
	for _, e := range p.Ledger.Entries() {
		known[e.Name] = e
		if g.names[e.Name] == nil {
			removals = append(removals, Action{Verb: Remove, Name: e.Name, ID: e.ID})
		}
	}
	for _, r := range g.resources {
		if _, awaited := r.(*Awaited); awaited {
			continue
		}
		e, ok := known[r.Name()]
		e.Name, e.Needs = r.Name(), made(r)
		r.node().entry = e
		action := Action{Verb: Create, Name: r.Name(), Needs: e.Needs}
		if ok && e.State != Refused && e.State != Absent {
			state, err := r.Observe(ctx)
			if err != nil {
				return nil, err
			}
			action.ID = r.node().ID()
			switch state {
			case Absent:
				action.ID = ""
			case Drifted:
				action.Verb = Update
			default:
				action.Verb = Keep
			}
		}
		actions = append(actions, action)
	}
	slices.Reverse(removals)
	return append(actions, removals...), nil
}
