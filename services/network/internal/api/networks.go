package api

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/collection"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/services/network/internal/network"
)

// Networks is all that is particular to networks: how one is declared, what it
// is made of, and who must be gone before it.
type Networks struct {
	// Bucket holds the networks.
	Bucket *store.Bucket
	// Sessions opens their accounts.
	Sessions *session.Pool
	// Installation is tagged on everything.
	Installation string
	// Referrers are the records of other services that name a network.
	Referrers []*object.Referrers
}

// stages are the conditions of a network, in Cluster API's vocabulary.
var stages = []reconciler.Stage{
	{Type: "VpcReady", ResourceTypes: []string{"vpc", "vpc-attribute"}},
	{Type: "InternetGatewayReady", ResourceTypes: []string{"internet-gateway", "internet-gateway-attachment"}},
	{Type: "SubnetsReady", ResourceTypes: []string{"subnet"}},
	{Type: "NatGatewaysReady", ResourceTypes: []string{"address", "nat-gateway"}},
	{Type: "RouteTablesReady", ResourceTypes: []string{"route-table", "route", "route-table-association"}},
	{Type: "VpcEndpointsReady", ResourceTypes: []string{"vpc-endpoint"}},
	{Type: "LeftoversRemoved", ResourceTypes: []string{"leftover", "foreign"}},
	{Type: "ClusterSecurityGroupsReady", ResourceTypes: []string{"security-group", "security-group-rules", "default-security-group"}},
}

func (n *Networks) collection() *collection.Collection[*networkv1.Network] {
	return &collection.Collection[*networkv1.Network]{Type: object.Networks, Bucket: n.Bucket, Validate: n.validate, Adoptable: true}
}

// Reconciler keeps what networks declare.
func (n *Networks) Reconciler() *reconciler.Reconciler[*networkv1.Network] {
	cleanup := leftovers{n}
	return &reconciler.Reconciler[*networkv1.Network]{
		Type: object.Networks, Bucket: n.Bucket, TimeScale: n.Sessions.TimeScale(), ResyncPeriod: n.Sessions.ResyncPeriod(), InventoryAudit: n.Sessions.Missing, Stages: stages,
		Sessions: n.Sessions, Owner: n.owner, Prepare: n.prepare, Graph: n.graph, Factories: n.factories, DeleteBlocker: n.deleteBlocker, RenderStatus: render,
		Sweep: cleanup.Sweep, Prove: cleanup.Prove, Release: cleanup.Release,
	}
}

// validate says what is wrong with a specification beyond single fields.
func (n *Networks) validate(_ context.Context, old, wanted *networkv1.Network) error {
	if err := checkTenant(old, wanted); err != nil {
		return err
	}
	zones := zoneNames(wanted)
	for i := len(zones); i < zoneCount(wanted.GetSpec()); i++ {
		zones = append(zones, fmt.Sprintf("zone %d", i+1))
	}
	_, err := parseSpec(wanted.GetSpec(), zones)
	return err
}

// prepare chooses the zones of a new network, once: a zone that AWS adds later
// must never move the subnets of a cluster that exists. It records the tenant.
func (n *Networks) prepare(ctx context.Context, r *networkv1.Network, _ *recordv1.Record) error {
	recordTenant(r)
	if len(r.GetStatus().GetZones()) > 0 {
		return nil
	}
	zones, err := n.zones(ctx, r.GetSpec())
	if err != nil {
		return err
	}
	r.Status.Zones = zones
	return nil
}

// zones are the first zones of the region, by zone id, that are open to all.
func (n *Networks) zones(ctx context.Context, spec *networkv1.NetworkSpec) ([]*networkv1.Zone, error) {
	api, err := n.open(ctx, spec)
	if err != nil {
		return nil, err
	}
	out, err := api.DescribeAvailabilityZones(ctx, &ec2.DescribeAvailabilityZonesInput{Filters: []types.Filter{
		{Name: aws.String("zone-type"), Values: []string{"availability-zone"}},
		{Name: aws.String("state"), Values: []string{"available"}},
	}})
	if err != nil {
		return nil, fmt.Errorf("choose zones: %w", err)
	}
	var zones []*networkv1.Zone
	for _, zone := range out.AvailabilityZones {
		zones = append(zones, &networkv1.Zone{Name: aws.ToString(zone.ZoneName), Id: aws.ToString(zone.ZoneId)})
	}
	slices.SortFunc(zones, func(a, b *networkv1.Zone) int { return cmp.Compare(a.GetName(), b.GetName()) })
	if len(zones) < zoneCount(spec) {
		return nil, fault.InvalidFields(fault.Field{Path: "spec.vpc.zones",
			Message: fmt.Sprintf("%s has only %d zones", spec.GetRegion(), len(zones))})
	}
	return zones[:zoneCount(spec)], nil
}

func (n *Networks) graph(ctx context.Context, r *networkv1.Network) (*graph.Graph, error) {
	spec, err := parseSpec(r.GetSpec(), zoneNames(r))
	if err != nil {
		return nil, err
	}
	api, err := n.open(ctx, r.GetSpec())
	if err != nil {
		return nil, err
	}
	return network.Resources(spec, api, n.owner(r)), nil
}

func (n *Networks) factories(ctx context.Context, r *networkv1.Network) (graph.Factories, error) {
	api, err := n.open(ctx, r.GetSpec())
	if err != nil {
		return nil, err
	}
	found, err := leftovers{n}.Factories(ctx, r)
	if err != nil {
		return nil, err
	}
	factories := network.Factories(api, n.owner(r))
	maps.Copy(factories, found)
	return factories, nil
}

// deleteBlocker keeps what others stand on until they are gone. NAT gateways, the
// slowest to go, need not wait.
func (n *Networks) deleteBlocker(r *networkv1.Network) func(string) string {
	free := map[string]bool{"nat-gateway": true, "route": true, "vpc-endpoint": true, "vpc-attribute": true, "default-security-group": true}
	return func(name string) string {
		if r.GetDeleteTime() == nil || free[graph.TypeOf(name)] {
			return ""
		}
		if user := n.used(r); user != "" {
			return "is still used by " + user
		}
		return ""
	}
}

// used is the key of a record that names the network, or "" if none does.
func (n *Networks) used(r *networkv1.Network) string {
	for _, referrers := range n.Referrers {
		if keys := referrers.Keys(r.GetName()); len(keys) > 0 {
			return keys[0]
		}
	}
	return ""
}

func (n *Networks) plan(ctx context.Context, in *networkv1.PlanNetworkRequest) (*networkv1.PlanNetworkResponse, error) {
	r := in.GetNetwork()
	if there, ok := object.Find[*networkv1.Network](n.Bucket, object.Networks, r.GetName()); ok {
		r.Uid, r.Status = there.GetUid(), there.GetStatus()
	}
	if err := n.validate(ctx, nil, r); err != nil {
		return nil, err
	}
	if err := n.prepare(ctx, r, nil); err != nil {
		return nil, err
	}
	g, err := n.graph(ctx, r)
	if err != nil {
		return nil, err
	}
	actions, err := g.Plan(ctx, graph.Walk{Ledger: n.Reconciler().RecordedLedger(r.GetName())})
	if err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	return &networkv1.PlanNetworkResponse{Actions: reconciler.Actions(r.GetName(), actions), Zones: zoneNames(r)}, nil
}

func (n *Networks) open(ctx context.Context, spec *networkv1.NetworkSpec) (network.EC2, error) {
	session, err := n.Sessions.Session(ctx, spec.GetAccount(), spec.GetRegion())
	if err != nil {
		return nil, err
	}
	return ec2.NewFromConfig(session.Config), nil
}

// owner is whose the things of a network are. They are called after the network,
// which keeps its name whoever has it.
func (n *Networks) owner(r *networkv1.Network) session.Owner {
	return n.ownerFor(r, r.GetSpec().GetCluster())
}

func (n *Networks) ownerFor(r *networkv1.Network, cluster *typev1.ClusterReference) session.Owner {
	owner := object.Owner(n.Installation, object.Networks, r, cluster)
	owner.ClusterName = object.ID(r.GetName())
	return owner
}
