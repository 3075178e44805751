package graph

import "context"

// dependencyType is the resource type of every dependency.
const dependencyType = "dependency"

// Dependency is a value that another service provides. Until the value is set, it blocks the
// resources that need it, and the rest of the graph continues. It makes no AWS call, has no ledger
// entry, does not appear in a plan, and needs no delete. The builder of the graph sets the value,
// and reconciles again when the value changes.
type Dependency struct {
	Node
	// Key identifies the value, such as `subnet/eu-central-1a`.
	Key string
	// Provider is the object that provides the value, such as `network orchid`.
	Provider string
	// Value is the provided value, or "" until it is provided.
	Value string
}

// Name implements Resource.
func (d *Dependency) Name() string { return dependencyType + "/" + d.Key }

// Needs implements Resource.
func (d *Dependency) Needs() []Resource { return nil }

// Observe implements Resource.
func (d *Dependency) Observe(context.Context) (State, error) {
	if d.Value == "" {
		return Pending, nil
	}
	return Ready, nil
}

// Create implements Resource. It creates nothing and returns the observed state.
func (d *Dependency) Create(ctx context.Context) (State, error) { return d.Observe(ctx) }

// Delete implements Resource.
func (d *Dependency) Delete(context.Context) error { return nil }

// await is the visit of a dependency. Only an event can provide the value, so the step requests no
// poll.
func (d *Dependency) await(context.Context) Step {
	if d.Value == "" {
		return Step{Name: d.Name(), Outcome: Waiting, Message: "is not provided yet by " + d.Provider}
	}
	return Step{Name: d.Name(), Outcome: Unchanged}
}
