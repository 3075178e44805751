package definition

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"google.golang.org/grpc"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/collection"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/methods"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/engine/store"
)

// Runtime are the records and the AWS sessions of the objects of a service.
type Runtime struct {
	// Bucket holds the records.
	Bucket *store.Bucket
	// Sessions opens accounts in regions.
	Sessions *session.Pool
	// Installation is the id of the installation, a tag of every resource.
	Installation string
}

// Objects are the objects of one type: a Definition with its runtime.
type Objects[R object.Object, P any] struct {
	definition Definition[R, P]
	runtime    Runtime
	collection *collection.Collection[R]
	reconciler *reconciler.Reconciler[R]
}

// composedResync is the interval at which a composed object is compared with what it consists of
// although none of that changed. It causes no call to AWS.
const composedResync = time.Hour

// Open binds a definition to its runtime. It starts nothing.
func Open[R object.Object, P any](runtime Runtime, d Definition[R, P]) *Objects[R, P] {
	o := &Objects[R, P]{definition: d, runtime: runtime}
	o.collection = &collection.Collection[R]{
		Type: d.Type, Bucket: runtime.Bucket, Validate: d.Validate, BeforeDelete: d.BeforeDelete, Adoptable: d.Adoptable,
	}
	o.reconciler = &reconciler.Reconciler[R]{
		Type: d.Type, Bucket: runtime.Bucket, Stages: d.Stages, BuildGraph: o.graph, Factories: o.factories, DeleteBlocker: d.DeleteBlocker,
		RenderStatus: d.Status, Sweep: d.Cleanup.Sweep, Prove: d.Cleanup.Prove, Release: d.Cleanup.Release,
	}
	switch {
	case d.Composed:
		o.reconciler.TimeScale, o.reconciler.ResyncPeriod, o.reconciler.AlwaysObserve = runtime.Sessions.TimeScale(), composedResync, true
	case d.Build != nil:
		o.reconciler.TimeScale, o.reconciler.ResyncPeriod = runtime.Sessions.TimeScale(), runtime.Sessions.ResyncPeriod()
		o.reconciler.InventoryAudit = runtime.Sessions.Missing
	}
	if d.AdoptByTags {
		o.reconciler.Sessions, o.reconciler.Owner = runtime.Sessions, o.Owner
	}
	return o
}

// Collection is the API side of the objects.
func (o *Objects[R, P]) Collection() *collection.Collection[R] { return o.collection }

// Ledger returns the ledger in the record of an object. An object without a record has an
// empty ledger.
func (o *Objects[R, P]) Ledger(name string) *graph.Memory { return o.reconciler.RecordedLedger(name) }

// Register adds the service of the object type to a gRPC server.
func (o *Objects[R, P]) Register(registrar grpc.ServiceRegistrar) {
	(&methods.Server[R]{Collection: o.collection, Plan: o.Plan, Custom: o.definition.Methods, Streams: o.definition.Streams}).Register(registrar)
}

// Reconcile reconciles the record under key; see reconciler.Reconciler.
func (o *Objects[R, P]) Reconcile(ctx context.Context, key string) (time.Duration, error) {
	return o.reconciler.Reconcile(ctx, key)
}

// Owner is the owner in the tags of an object's resources.
func (o *Objects[R, P]) Owner(r R) session.Owner {
	owner := object.Owner(o.runtime.Installation, o.definition.Type, r, object.OwnerRef(r))
	if o.definition.Owner != nil {
		return o.definition.Owner(r, owner)
	}
	return owner
}

// Config is the AWS configuration of an object's account and region.
func (o *Objects[R, P]) Config(ctx context.Context, r R) (aws.Config, error) {
	at, ok := object.Spec(r).(interface {
		GetAccount() string
		GetRegion() string
	})
	if !ok {
		return aws.Config{}, fmt.Errorf("%s is in no account", r.GetName())
	}
	opened, err := o.runtime.Sessions.Session(ctx, at.GetAccount(), at.GetRegion())
	if err != nil {
		return aws.Config{}, err
	}
	return opened.Config, nil
}

// graph is the graph of an object in a reconciliation.
func (o *Objects[R, P]) graph(ctx context.Context, r R, record *recordv1.Record) (*graph.Graph, error) {
	prepared, err := o.prepare(ctx, Preparation[R]{Object: r, Record: record})
	if err != nil {
		return nil, err
	}
	return o.build(ctx, r, prepared)
}

func (o *Objects[R, P]) prepare(ctx context.Context, in Preparation[R]) (P, error) {
	if o.definition.Prepare == nil {
		var none P
		return none, nil
	}
	object.EnsureStatus(in.Object)
	in.Config = func(ctx context.Context) (aws.Config, error) { return o.Config(ctx, in.Object) }
	return o.definition.Prepare(ctx, in)
}

func (o *Objects[R, P]) build(ctx context.Context, r R, prepared P) (*graph.Graph, error) {
	switch {
	case o.definition.Build == nil:
		return new(graph.Graph), nil
	case o.definition.Composed:
		return o.definition.Build(r, prepared, aws.Config{}, session.Owner{}), nil
	}
	config, err := o.Config(ctx, r)
	if err != nil {
		return nil, err
	}
	return o.definition.Build(r, prepared, config, o.Owner(r)), nil
}

func (o *Objects[R, P]) factories(ctx context.Context, r R) (graph.Factories, error) {
	switch {
	case o.definition.Factories == nil:
		return nil, nil
	case o.definition.Composed:
		return o.definition.Factories(r, aws.Config{}, session.Owner{}), nil
	}
	config, err := o.Config(ctx, r)
	if err != nil {
		return nil, err
	}
	return o.definition.Factories(r, config, o.Owner(r)), nil
}
