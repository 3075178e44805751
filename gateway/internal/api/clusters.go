// Package api holds the definition of the object type Cluster: its validation, its components,
// its status, and the methods of its contract that are not standard.
package api

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/gateway/internal/composer"
	"github.com/skep-dev/skep/gateway/internal/timeline"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/definition"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// Clusters are the connections of clusters to other services and to the timeline.
type Clusters struct {
	// Account returns nil if the account exists, and NotFound if it does not.
	Account func(ctx context.Context, name string) error
	// Dependents returns the resources of other creators in a network, and NotFound if the
	// network does not exist.
	Dependents func(ctx context.Context, network string) ([]*typev1.Dependent, error)
	// Components are the clients of the components.
	Components *composer.ComponentClients
	// Timeline holds the events of clusters.
	Timeline *timeline.Timeline
	// Kubeconfig generates kubeconfigs.
	Kubeconfig Kubeconfig
}

// Objects are the clusters.
type Objects = definition.Objects[*clusterv1.Cluster, *composer.Cluster]

// Open opens the clusters in a bucket.
func (c *Clusters) Open(on definition.Runtime) *Objects {
	var clusters *Objects
	clusters = definition.Open(on, definition.Definition[*clusterv1.Cluster, *composer.Cluster]{
		Type:     object.Clusters,
		Stages:   composer.Stages,
		Composed: true,
		Validate: c.validate,
		Prepare: func(_ context.Context, in definition.Preparation[*clusterv1.Cluster]) (*composer.Cluster, error) {
			return c.Components.Compose(identified(in.Object)), nil
		},
		Build: func(_ *clusterv1.Cluster, composed *composer.Cluster, _ aws.Config, _ session.Owner) *graph.Graph {
			return composed.Graph
		},
		Plan: func(ctx context.Context, composed *composer.Cluster) ([]*typev1.PlannedAction, []string, error) {
			return composed.Plan(ctx)
		},
		Factories: func(r *clusterv1.Cluster, _ aws.Config, _ session.Owner) graph.Factories {
			return c.Components.Factories(r)
		},
		Status:  c.render,
		Methods: c.methods(func(name string) (*clusterv1.Cluster, error) { return clusters.Collection().Get(name) }),
		Streams: c.streams(),
	})
	return clusters
}

// render replaces the inventory of the cluster by the inventories of its components.
func (c *Clusters) render(r *clusterv1.Cluster, entries map[string]graph.Entry) {
	c.Components.Describe(r, entries)
	if r.GetStatus().GetState() == typev1.State_READY && r.GetStatus().GetReadyTime() == nil {
		r.Status.ReadyTime = timestamppb.New(time.Now())
	}
}

// identified returns the cluster with a uid. A plan and a validation come before the collection
// sets the uid of a new cluster, and any uid is good for them.
func identified(r *clusterv1.Cluster) *clusterv1.Cluster {
	if r.GetUid() != "" {
		return r
	}
	r = proto.CloneOf(r)
	r.Uid = object.NewUID()
	return r
}

// validate checks what the contract of single fields cannot: the account, and the
// components. It returns one fault with all bad fields.
func (c *Clusters) validate(ctx context.Context, _, desired *clusterv1.Cluster) error {
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
	err := c.Components.Compose(identified(desired)).Check(ctx)
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
