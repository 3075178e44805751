// Package api serves the API object Cluster over gRPC, and reconciles clusters.
package api

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/gateway/internal/composer"
	"github.com/skep-dev/skep/libs/engine/collection"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// Clusters is the definition of the object type Cluster: its validation, its components and
// its status.
type Clusters struct {
	// Bucket holds the clusters.
	Bucket *store.Bucket
	// Account returns nil if the account exists, and NotFound if it does not.
	Account func(ctx context.Context, name string) error
	// Dependents returns the resources of other creators in a network, and NotFound if the
	// network does not exist.
	Dependents func(ctx context.Context, network string) ([]*typev1.Dependent, error)
	// Components are the clients of the components.
	Components *composer.ComponentClients
	// TimeScale is the number of AWS seconds in one second of the wall clock. It is 1 except
	// in simulated AWS.
	TimeScale float64
}

func (c *Clusters) collection() *collection.Collection[*clusterv1.Cluster] {
	return &collection.Collection[*clusterv1.Cluster]{Type: object.Clusters, Bucket: c.Bucket, Validate: c.check}
}

// resyncPeriod is the interval at which a cluster is compared with its components although
// none of them changed. It causes no call to AWS.
const resyncPeriod = time.Hour

// Reconciler returns the reconciler of clusters.
func (c *Clusters) Reconciler() *reconciler.Reconciler[*clusterv1.Cluster] {
	return &reconciler.Reconciler[*clusterv1.Cluster]{
		Type: object.Clusters, Bucket: c.Bucket, Stages: composer.Stages, AlwaysObserve: true, ResyncPeriod: resyncPeriod, TimeScale: c.TimeScale,
		Graph: func(_ context.Context, r *clusterv1.Cluster, _ *recordv1.Record) (*graph.Graph, error) {
			return c.Components.Compose(r).Graph, nil
		},
		Factories: func(_ context.Context, r *clusterv1.Cluster) (graph.Factories, error) {
			return c.Components.Factories(r), nil
		},
		RenderStatus: c.render,
	}
}

// render replaces the inventory of the cluster by the inventories of its components.
func (c *Clusters) render(r *clusterv1.Cluster, entries map[string]graph.Entry) {
	c.Components.Describe(r, entries)
	if r.GetStatus().GetState() == typev1.State_READY && r.GetStatus().GetReadyTime() == nil {
		r.Status.ReadyTime = timestamppb.New(time.Now())
	}
}

// check validates what the contract of single fields cannot: the account, and the
// components. It returns one fault with all bad fields.
func (c *Clusters) check(ctx context.Context, _, desired *clusterv1.Cluster) error {
	if desired.GetSpec() == nil {
		return fault.InvalidFields(fault.Field{Path: "spec", Message: "is required"})
	}
	var fields []fault.Field
	account := desired.GetSpec().GetAccount()
	if err := c.Account(ctx, account); fault.Is(err, fault.NotFound) {
		fields = append(fields, fault.Field{Path: "spec.account", Message: "there is no account " + account})
	} else if err != nil {
		return fmt.Errorf("read the account: %w", err)
	}
	if object.Organization(account) != object.Organization(desired.GetName()) {
		fields = append(fields, fault.Field{Path: "spec.account", Message: "is of another organization"})
	}
	if desired.GetUid() == "" {
		// The collection sets the uid when it stores the cluster. Any uid is good for the check.
		desired = proto.CloneOf(desired)
		desired.Uid = object.NewUID()
	}
	err := c.Components.Compose(desired).Check(ctx)
	if fault.Is(err, fault.Invalid) {
		fields = append(fields, fault.Of(err).Fields...)
	} else if err != nil {
		return err
	}
	if len(fields) > 0 {
		return fault.InvalidFields(fields...)
	}
	return nil
}
