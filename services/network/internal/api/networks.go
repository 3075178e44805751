// Package api holds the definition of the network service's object type: what a network
// is made of, which zones it gets, and what must be deleted before it.
package api

import (
	"context"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/definition"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/methods"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/services/network/internal/leftover"
	"github.com/skep-dev/skep/services/network/internal/network"
)

// Objects are the networks of the service.
type Objects = definition.Objects[*networkv1.Network, network.Spec]

// Networks opens the definition of the object type Network. Referrers are the objects
// that name a network.
func Networks(on definition.Runtime, referrers object.ReferrerSet) *Objects {
	var networks *Objects
	leftovers := leftovers{sessions: on.Sessions, installation: on.Installation, referrers: referrers}
	networks = definition.Open(on, definition.Definition[*networkv1.Network, network.Spec]{
		Type: object.Networks,
		Stages: []reconciler.Stage{
			{Type: "VpcReady", ResourceTypes: []string{"vpc", "vpc-attribute"}},
			{Type: object.ConditionInternetGatewayReady, ResourceTypes: []string{"internet-gateway", "internet-gateway-attachment"}},
			{Type: "SubnetsReady", ResourceTypes: []string{"subnet"}},
			{Type: "NatGatewaysReady", ResourceTypes: []string{"address", "nat-gateway"}},
			{Type: "RouteTablesReady", ResourceTypes: []string{"route-table", "route", "route-table-association"}},
			{Type: "VpcEndpointsReady", ResourceTypes: []string{"vpc-endpoint"}},
			{Type: "LeftoversRemoved", ResourceTypes: []string{"leftover", "foreign"}},
			{Type: "ClusterSecurityGroupsReady", ResourceTypes: []string{"security-group", "security-group-rules", "default-security-group"}},
		},
		Adoptable:   true,
		AdoptByTags: true,
		Validate:    validate,
		Prepare:     prepare,
		Build: func(_ *networkv1.Network, spec network.Spec, config aws.Config, owner session.Owner) *graph.Graph {
			return network.Resources(spec, ec2.NewFromConfig(config), owner)
		},
		Factories: func(r *networkv1.Network, config aws.Config, owner session.Owner) graph.Factories {
			factories := network.Factories(ec2.NewFromConfig(config), owner)
			maps.Copy(factories, leftovers.cleanup(r).Factories(leftover.NewAWS(config)))
			return factories
		},
		Owner:         func(r *networkv1.Network, owner session.Owner) session.Owner { return named(r, owner) },
		DeleteBlocker: func(r *networkv1.Network) func(string) string { return deleteBlocker(r, referrers) },
		Status:        render,
		Zones:         zoneNames,
		Cleanup: definition.Cleanup[*networkv1.Network]{
			Sweep: leftovers.Sweep, Prove: leftovers.Prove, Release: leftovers.Release,
		},
		Methods: map[string]methods.Unary{"ExplainNetworkDelete": methods.Custom(
			func(ctx context.Context, in *networkv1.ExplainNetworkDeleteRequest) (*networkv1.ExplainNetworkDeleteResponse, error) {
				r, err := networks.Collection().Get(in.GetName())
				if err != nil {
					return nil, err
				}
				return leftovers.explain(ctx, r, networks.Ledger(in.GetName()).Entries())
			},
		)},
	})
	return networks
}

// named gives the resources of a network the name of the network instead of the name of a
// cluster, because the owner of a network can change.
func named(r *networkv1.Network, owner session.Owner) session.Owner {
	owner.ClusterName = object.ID(r.GetName())
	return owner
}

// deleteBlocker keeps the resources that other objects use until those are deleted. NAT
// gateways take the longest to delete and nothing needs them by then, so their deletion
// starts at once.
func deleteBlocker(r *networkv1.Network, referrers object.ReferrerSet) func(string) string {
	unblocked := map[string]bool{"nat-gateway": true, "route": true, "vpc-endpoint": true, "vpc-attribute": true, "default-security-group": true}
	return func(name string) string {
		if r.GetDeleteTime() == nil || unblocked[graph.TypeOf(name)] {
			return ""
		}
		if user := referrers.First(r.GetName()); user != "" {
			return "is still used by " + user
		}
		return ""
	}
}
