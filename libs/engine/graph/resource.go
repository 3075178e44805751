package graph

import (
	"context"
	"strings"
	"time"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// Resource is one thing that lives outside this process. Every method is
// idempotent and returns without waiting for the cloud to settle. An
// implementation embeds Node, which holds its id.
type Resource interface {
	// Name is unique within the graph and never changes. What stands before
	// the first slash is its kind: `subnet/public/eu-central-1a` is a subnet.
	Name() string
	// Needs lists the resources that must be ready before this one is created,
	// and gone only after it.
	Needs() []Resource
	// Observe looks the thing up, by ID if it has one and by Token if not, and
	// changes nothing. It sets the ID and the attributes of what it finds. The
	// answer is Absent, Pending, Drifted or Ready.
	Observe(ctx context.Context) (State, error)
	// Create asks for the thing, marked with Token, and sets the ID. The
	// answer is Pending or Ready.
	Create(ctx context.Context) (State, error)
	// Delete asks for the thing with this ID to go. It needs nothing but what
	// Node holds. That the thing is not there is no error.
	Delete(ctx context.Context) error

	node() *Node
}

// Updater is implemented by resources that can be repaired in place.
type Updater interface {
	// Update brings what Observe found drifted to what is declared.
	Update(ctx context.Context) error
}

// ImmutableDrift is what an Update answers if what drifted cannot be changed in place.
func ImmutableDrift() *fault.Fault {
	return &fault.Fault{Kind: fault.Precondition, Class: fault.Configuration,
		Message: "is not as declared and cannot be changed in place",
		Remedy:  "Declare it as it is, or delete and create the resource that owns it."}
}

// IdempotentCreate is implemented by resources whose Create, repeated with the same
// token, finds what it made the first time. The others are looked up by their
// tag and given time to show before they are created anew.
type IdempotentCreate interface {
	// IdempotentCreate is a mark; it does nothing.
	IdempotentCreate()
}

// NaturallyKeyed is implemented by resources with a natural key: a name, or the one thing
// of its kind that another can have. The key is the ID from the intent on, so
// that nothing about the thing is ever in doubt.
type NaturallyKeyed interface {
	// Key is the natural key. It is asked for once everything needed is ready.
	Key() string
}

// Asynchronous is implemented by resources that take their time after Create or Delete
// was answered.
type Asynchronous interface {
	// ExpectedLatency returns how long the thing usually takes.
	ExpectedLatency() Latency
}

// DeleteReporter is implemented by slow resources that may be gone with the answer to Delete.
type DeleteReporter interface {
	// Deleted reports whether the last Delete was the end of the thing, so that
	// nobody need look whether it has gone.
	Deleted() bool
}

// Latency is how long a thing usually takes.
type Latency struct {
	// Ready is the time from the create to being ready for use.
	Ready time.Duration
	// Gone is the time from the delete to being gone.
	Gone time.Duration
	// Unobservable says that the cloud does not tell when the thing is ready for use: once
	// the time has passed it is taken to be, without a look.
	Unobservable bool
}

// State is what Observe found, or what the ledger remembers.
type State int

// The states of a thing.
const (
	// Absent means that it does not exist.
	Absent State = iota
	// Intended means that the create was or is about to be asked for, and that
	// nothing is known of its effect.
	Intended
	// Refused means that the create was answered with no: nothing exists.
	Refused
	// Pending means that it exists and is not ready for use.
	Pending
	// Ready means that it exists as declared.
	Ready
	// Drifted means that it exists, but not as declared, or not known to be so.
	Drifted
	// Deleting means that it was asked to go.
	Deleting
)

// Factories makes an empty resource of each kind, to delete what only the ledger
// still knows. Such a resource has its Node and nothing else.
type Factories map[string]func() Resource

// TypeOf is the part of a name before the first slash.
func TypeOf(name string) string {
	kind, _, _ := strings.Cut(name, "/")
	return kind
}
