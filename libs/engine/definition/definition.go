// Package definition is the one place for what is particular to an object type. A
// Definition is a literal: its conditions, validation, preparation, bill of materials
// and status. Server, collection, reconciler and plan of the type derive from it and
// from the annotations of its contract.
//
// Services import it: adding an object type means a contract, a definition and a bill
// of materials.
package definition

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/methods"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/reconciler"
)

// Definition is everything that is particular to the object type R. P is the result of
// Prepare, the input of Build. A nil function means that the type has nothing of the kind.
type Definition[R object.Object, P any] struct {
	// Type is the object type.
	Type object.Type
	// Stages are the conditions of the object, each with the resource types that must
	// be ready for it.
	Stages []reconciler.Stage
	// Adoptable says that a cluster may adopt a standalone object of the type.
	Adoptable bool
	// AdoptByTags says that resources of the object that its ledger may have lost are
	// found by their tags. It needs a resource type that AWS can list by tag.
	AdoptByTags bool
	// Validate returns a fault that names every bad field of desired, beyond the
	// constraints of its contract. Old is the zero value for a new object. It runs in
	// plans, with validate_only, and before every write.
	Validate func(ctx context.Context, old, desired R) error
	// BeforeDelete returns a fault if the object must not be deleted now.
	BeforeDelete func(name string) error
	// Prepare decides once what is then frozen in the status, such as zones and images,
	// and reads what Build needs from other objects. A fault of class dependency means
	// that another object must provide something first.
	Prepare func(ctx context.Context, in Preparation[R]) (P, error)
	// Composed says that an object consists of objects of other services, not of resources in AWS:
	// Build and Factories get neither an AWS configuration nor an owner, and every reconciliation
	// compares the object with what it consists of.
	Composed bool
	// Build is the bill of materials: it declares the graph of the object.
	Build func(r R, prepared P, config aws.Config, owner session.Owner) *graph.Graph
	// Factories make the empty resources that a delete needs.
	Factories func(r R, config aws.Config, owner session.Owner) graph.Factories
	// Owner changes the owner tags of the object's resources.
	Owner func(r R, owner session.Owner) session.Owner
	// DeleteBlocker returns the reason why a resource of r must not be deleted yet, or
	// "", by the name of the resource.
	DeleteBlocker func(r R) func(name string) string
	// Status writes into the status of r what clients and other services read, beside
	// conditions and inventory. Entries are the ledger, by resource name.
	Status func(r R, entries map[string]graph.Entry)
	// Zones are the availability zones that r uses, empty while its network has chosen
	// none. A plan reports them.
	Zones func(r R) []string
	// Cleanup removes what other creators left in the way of the object's resources.
	Cleanup Cleanup[R]
	// Plan replaces the plan of the graph by what the other services plan for a composed object:
	// the actions, and the zones that they use.
	Plan func(ctx context.Context, prepared P) ([]*typev1.PlannedAction, []string, error)
	// Methods answer the methods of the contract that are not standard, by name, and Streams the
	// streaming ones.
	Methods map[string]methods.Unary
	Streams map[string]methods.Stream
}

// Cleanup are the hooks that remove resources of other creators; see
// reconciler.Reconciler.
type Cleanup[R object.Object] struct {
	// Sweep runs before each reconciliation of a deleted object.
	Sweep func(ctx context.Context, r R, ledger graph.Ledger) error
	// Prove runs once the ledger of a deleted object is empty.
	Prove func(ctx context.Context, r R, ledger graph.Ledger) (*reconciler.Proof, error)
	// Release runs while the object stays and its cluster has released it.
	Release func(ctx context.Context, r R, ledger graph.Ledger, told func(reconciler.Proof) bool) (waits string, proof *reconciler.Proof, err error)
}

// Preparation is the input of Prepare.
type Preparation[R object.Object] struct {
	// Object is the object. Prepare may change its status.
	Object R
	// Record is the record of the object, nil in the plan of a new one. Prepare may add
	// sealed secrets to it.
	Record *recordv1.Record
	// Plan says that nothing is stored: what is expensive to decide may be left open.
	Plan bool
	// AssumeZones are the zones that a plan assumes while the network of the object has
	// chosen none. It is empty in a reconciliation.
	AssumeZones []string
	// Config returns the AWS configuration of the object's account and region.
	Config func(ctx context.Context) (aws.Config, error)
}
