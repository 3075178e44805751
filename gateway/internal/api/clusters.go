// Package api is the gRPC face of clusters.
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

// Clusters is all that is particular to clusters: what one is composed of and
// what must be there before.
type Clusters struct {
	// Bucket holds the clusters.
	Bucket *store.Bucket
	// Account asks for an account. It is not found if there is none.
	Account func(ctx context.Context, name string) error
	// Dependents says what others made in a network. It is not found if there is none.
	Dependents func(ctx context.Context, network string) ([]*typev1.Dependent, error)
	// Components are the services that serve the parts.
	Components *composer.ComponentClients
	// TimeScale is how many times faster than the wall clock AWS runs.
	TimeScale float64
}

func (c *Clusters) collection() *collection.Collection[*clusterv1.Cluster] {
	return &collection.Collection[*clusterv1.Cluster]{Type: object.Clusters, Bucket: c.Bucket, Validate: c.check}
}

// resyncPeriod is how often a cluster is compared with its parts even if none of them
// told of a change. It costs no call to AWS.
const resyncPeriod = time.Hour

// Reconciler keeps clusters composed.
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

// render replaces the inventory of the composition by that of the parts.
func (c *Clusters) render(r *clusterv1.Cluster, entries map[string]graph.Entry) {
	c.Components.Describe(r, entries)
	if r.GetStatus().GetState() == typev1.State_READY && r.GetStatus().GetReadyTime() == nil {
		r.Status.ReadyTime = timestamppb.New(time.Now())
	}
}

// check says what is wrong with a cluster beyond single fields: all bad fields
// of all its parts in one fault.
func (c *Clusters) check(ctx context.Context, _, wanted *clusterv1.Cluster) error {
	if wanted.GetSpec() == nil {
		return fault.InvalidFields(fault.Field{Path: "spec", Message: "is required"})
	}
	var fields []fault.Field
	account := wanted.GetSpec().GetAccount()
	if err := c.Account(ctx, account); fault.Is(err, fault.NotFound) {
		fields = append(fields, fault.Field{Path: "spec.account", Message: "there is no account " + account})
	} else if err != nil {
		return fmt.Errorf("look for the account: %w", err)
	}
	if object.Organization(account) != object.Organization(wanted.GetName()) {
		fields = append(fields, fault.Field{Path: "spec.account", Message: "is of another organization"})
	}
	if wanted.GetUid() == "" {
		// It is given when the cluster is stored; for the check any will do.
		wanted = proto.CloneOf(wanted)
		wanted.Uid = object.NewUID()
	}
	err := c.Components.Compose(wanted).Check(ctx)
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
