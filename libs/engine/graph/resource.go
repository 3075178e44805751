package graph

import (
	"context"
	"strings"
	"time"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// Resource is one resource in AWS. Every method is idempotent and returns without waiting for AWS
// to finish. An implementation embeds Node, which holds its id.
type Resource interface {
	// Name is unique within the graph and never changes. The segment before the first slash is the
	// resource type: `subnet/public/eu-central-1a` is a subnet.
	Name() string
	// Needs lists the dependencies: they are ready before this resource is created and deleted
	// after it.
	Needs() []Resource
	// Observe reads the resource by ID, or by token while it has none, and changes nothing. It
	// sets the ID and the attributes of the resource that it finds. It returns Absent, Pending,
	// Drifted or Ready.
	Observe(ctx context.Context) (State, error)
	// Create requests the resource, marked with Token, and sets the ID. It returns Pending or
	// Ready.
	Create(ctx context.Context) (State, error)
	// Delete requests the deletion of the resource with this ID. It uses only the fields of Node.
	// NotFound is success: the resource is already gone.
	Delete(ctx context.Context) error

	node() *Node
}

// Updater is implemented by resources that can be changed in place.
type Updater interface {
	// Update changes the resource that Observe found drifted to the desired state.
	Update(ctx context.Context) error
}

// ImmutableDrift returns the fault for drift that Update cannot repair in place.
func ImmutableDrift() *fault.Fault {
	return &fault.Fault{Kind: fault.Precondition, Class: fault.Configuration,
		Message: "differs from the desired state and cannot be changed in place",
		Remedy:  "Change the spec to the observed state, or delete the object and create it again."}
}

// IdempotentCreate is implemented by resources whose Create, repeated with the same token, returns
// the resource of the first call. Other resources are found by tag, and created again only after
// the consistency window.
type IdempotentCreate interface {
	// IdempotentCreate marks the type; it does nothing.
	IdempotentCreate()
}

// NaturallyKeyed is implemented by resources with a natural key: a name, or the only resource of
// its type that another can have. The key is the ID from the intent on, so a lost answer leaves no
// uncertainty about what to read.
type NaturallyKeyed interface {
	// Key returns the natural key. The walk calls it once all needs are ready.
	Key() string
}

// Asynchronous is implemented by resources whose create or delete continues after AWS answered.
type Asynchronous interface {
	// ExpectedLatency returns the usual duration of create and delete.
	ExpectedLatency() Latency
}

// DeleteReporter is implemented by asynchronous resources that may be gone as soon as Delete
// returns.
type DeleteReporter interface {
	// Deleted reports whether the resource is gone since the last Delete, so that no poll has to
	// confirm it.
	Deleted() bool
}

// Latency is the usual duration of the create and the delete of a resource. The zero value means
// that both are complete when AWS answers.
type Latency struct {
	// Ready is the time from the create until the resource is ready for use.
	Ready time.Duration
	// Deleted is the time from the delete until the resource is gone.
	Deleted time.Duration
	// Unobservable means that AWS shows no state from which readiness can be read: after the time
	// Ready the resource counts as ready without an observation.
	Unobservable bool
}

// State is the state of a resource as Observe found it or as the ledger records it.
type State int

// The states of a resource.
const (
	// Absent means that the resource does not exist.
	Absent State = iota
	// Intended means that the create was or is about to be requested, and that its effect is
	// unknown.
	Intended
	// Refused means that AWS refused the create: the resource does not exist.
	Refused
	// Pending means that the resource exists and is not ready for use.
	Pending
	// Ready means that the resource exists in the desired state.
	Ready
	// Drifted means that the resource exists and differs from the desired state, or may differ.
	Drifted
	// Deleting means that the deletion was requested.
	Deleting
)

// Factories holds a constructor for each resource type, to delete resources that only the ledger
// knows. A constructed resource has its Node and no other field.
type Factories map[string]func() Resource

// TypeOf returns the resource type: the segment of a name before the first slash.
func TypeOf(name string) string {
	resourceType, _, _ := strings.Cut(name, "/")
	return resourceType
}
