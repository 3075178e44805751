package graph

import "context"

// dependencyType is the kind of everything awaited.
const dependencyType = "dependency"

// Dependency is a value that somebody else provides: a need that is not there until
// its value is. What needs it is blocked so long, and the rest of the graph goes
// on. It costs no call, no ledger remembers it, a plan does not list it, and
// there is nothing to delete. Whoever builds the graph sets the value, and makes
// a new pass when it changes.
type Dependency struct {
	Node
	// Key says what it is, such as `subnet/eu-central-1a`.
	Key string
	// Provider says who provides it, such as `network orchid`.
	Provider string
	// Value is what was provided, or "" while it is not there.
	Value string
}

// Name implements Resource.
func (a *Dependency) Name() string { return dependencyType + "/" + a.Key }

// Needs implements Resource.
func (a *Dependency) Needs() []Resource { return nil }

// Observe implements Resource.
func (a *Dependency) Observe(context.Context) (State, error) {
	if a.Value == "" {
		return Pending, nil
	}
	return Ready, nil
}

// Create implements Resource. Nothing is created: it is as it is observed.
func (a *Dependency) Create(ctx context.Context) (State, error) { return a.Observe(ctx) }

// Delete implements Resource.
func (a *Dependency) Delete(context.Context) error { return nil }

// await is the visit of what is awaited. Only an event helps, so it asks for no
// other pass.
func (a *Dependency) await(context.Context) Step {
	if a.Value == "" {
		return Step{Name: a.Name(), Outcome: Waiting, Message: "is not provided yet by " + a.Provider}
	}
	return Step{Name: a.Name(), Outcome: Unchanged}
}
