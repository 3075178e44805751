package api

import (
	"context"
	"fmt"

	computev1 "github.com/skep-dev/skep/proto/gen/go/skep/compute/v1"
	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/aws/machine"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/collection"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/services/compute/internal/compute"
)

// ControlPlanes is all that is particular to control planes: how one is declared
// and what it is made of.
type ControlPlanes struct{ *Peers }

// controlPlaneStages are the conditions of a control plane.
var controlPlaneStages = []reconciler.Stage{
	{Type: "NetworkInterfacesReady", ResourceTypes: []string{"network-interface"}},
	{Type: "EtcdVolumesReady", ResourceTypes: []string{"etcd-volume", "volume-attachment"}},
	{Type: "InstancesReady", ResourceTypes: []string{"instance"}},
	{Type: "LoadBalancerAttached", ResourceTypes: []string{"target"}},
}

func (c *ControlPlanes) collection() *collection.Collection[*computev1.ControlPlane] {
	return &collection.Collection[*computev1.ControlPlane]{Type: object.ControlPlanes, Bucket: c.Own, Validate: c.validate}
}

// Reconciler keeps what control planes declare.
func (c *ControlPlanes) Reconciler() *reconciler.Reconciler[*computev1.ControlPlane] {
	return &reconciler.Reconciler[*computev1.ControlPlane]{
		Type: object.ControlPlanes, Bucket: c.Own, TimeScale: c.Sessions.TimeScale(), ResyncPeriod: c.Sessions.ResyncPeriod(), InventoryAudit: c.Sessions.Missing, Stages: controlPlaneStages,
		Sessions: c.Sessions, Owner: c.owner, Prepare: c.prepare, Graph: c.graph, Factories: c.factories, RenderStatus: renderControlPlane,
	}
}

// validate says what is wrong with a specification beyond single fields.
func (c *ControlPlanes) validate(_ context.Context, old, wanted *computev1.ControlPlane) error {
	if old == nil {
		return nil
	}
	bad := references(old.GetSpec(), wanted.GetSpec())
	if old.GetSpec().GetInstanceType() != wanted.GetSpec().GetInstanceType() {
		bad = append(bad, fault.Field{Path: "spec.instanceType", Message: "cannot be changed: members are not replaced one by one yet"})
	}
	if old.GetSpec().GetImageId() != wanted.GetSpec().GetImageId() {
		bad = append(bad, fault.Field{Path: "spec.imageId", Message: "cannot be changed: members are not replaced one by one yet"})
	}
	if old.GetSpec().GetKubernetesVersion() != wanted.GetSpec().GetKubernetesVersion() {
		bad = append(bad, fault.Field{Path: "spec.kubernetesVersion", Message: "cannot be changed: members are not replaced one by one yet"})
	}
	if old.GetSpec().GetEtcdVolumeGib() != wanted.GetSpec().GetEtcdVolumeGib() {
		bad = append(bad, fault.Field{Path: "spec.etcdVolumeGib", Message: "cannot be changed yet"})
	}
	if len(bad) > 0 {
		return fault.InvalidFields(bad...)
	}
	return nil
}

// references names every other resource that a specification has changed.
func references(old, wanted specification) []fault.Field {
	var bad []fault.Field
	for _, reference := range []struct{ path, old, wanted string }{
		{"spec.cluster", old.GetCluster().GetUid(), wanted.GetCluster().GetUid()},
		{"spec.network", old.GetNetwork(), wanted.GetNetwork()},
		{"spec.clusterIdentity", old.GetClusterIdentity(), wanted.GetClusterIdentity()},
		{"spec.apiEndpoint", old.GetApiEndpoint(), wanted.GetApiEndpoint()},
	} {
		if reference.old != reference.wanted {
			bad = append(bad, fault.Field{Path: reference.path, Message: "cannot be changed; create another one instead"})
		}
	}
	return bad
}

// prepare chooses the image of a new control plane, once.
func (c *ControlPlanes) prepare(ctx context.Context, r *computev1.ControlPlane, _ *recordv1.Record) error {
	if r.GetStatus().GetImageId() != "" {
		return nil
	}
	api, err := c.open(ctx, r.GetSpec())
	if err != nil {
		return err
	}
	image, err := machine.ChooseImage(ctx, api, r.GetSpec().GetImageId(), r.GetSpec().GetInstanceType())
	if err != nil {
		return err
	}
	if r.Status == nil {
		r.Status = new(computev1.ControlPlaneStatus)
	}
	r.Status.ImageId = image
	return nil
}

func (c *ControlPlanes) graph(ctx context.Context, r *computev1.ControlPlane) (*graph.Graph, error) {
	zones := zoneNames(c.network(r.GetSpec()))
	if len(zones) == 0 {
		return nil, fault.Waitingf("%s has not chosen its zones yet", r.GetSpec().GetNetwork())
	}
	return c.declare(ctx, r, zones)
}

func (c *ControlPlanes) declare(ctx context.Context, r *computev1.ControlPlane, zones []string) (*graph.Graph, error) {
	api, err := c.open(ctx, r.GetSpec())
	if err != nil {
		return nil, err
	}
	return compute.ControlPlaneResources(parseControlPlane(r, c.provided(r.GetSpec(), zones)), api, c.owner(r)), nil
}

func (c *ControlPlanes) factories(ctx context.Context, r *computev1.ControlPlane) (graph.Factories, error) {
	api, err := c.open(ctx, r.GetSpec())
	if err != nil {
		return nil, err
	}
	return compute.Factories(api, c.owner(r)), nil
}

func (c *ControlPlanes) plan(ctx context.Context, in *computev1.PlanControlPlaneRequest) (*computev1.PlanControlPlaneResponse, error) {
	r := in.GetControlPlane()
	there, exists := object.Find[*computev1.ControlPlane](c.Own, object.ControlPlanes, r.GetName())
	if exists {
		r.Uid, r.Status = there.GetUid(), there.GetStatus()
	}
	if err := c.validate(ctx, there, r); err != nil {
		return nil, err
	}
	zones := zoneNames(c.network(r.GetSpec()))
	if len(zones) == 0 {
		zones = in.GetAssumeZones()
	}
	if len(zones) == 0 {
		return nil, fault.Waitingf("%s has not chosen its zones yet", r.GetSpec().GetNetwork())
	}
	g, err := c.declare(ctx, r, zones)
	if err != nil {
		return nil, err
	}
	actions, err := g.Plan(ctx, graph.Walk{Ledger: c.Reconciler().RecordedLedger(r.GetName())})
	if err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	return &computev1.PlanControlPlaneResponse{Actions: reconciler.Actions(r.GetName(), actions), Zones: zones}, nil
}

func (c *ControlPlanes) owner(r *computev1.ControlPlane) session.Owner {
	return object.Owner(c.Installation, object.ControlPlanes, r, r.GetSpec().GetCluster())
}
