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

// NodePools is all that is particular to node pools: how one is declared and what
// it is made of.
type NodePools struct{ *Peers }

// nodePoolStages are the conditions of a node pool, in Cluster API's vocabulary
// where it has one.
var nodePoolStages = []reconciler.Stage{
	{Type: "LaunchTemplateReady", ResourceTypes: []string{"launch-template"}},
	{Type: "ASGReady", ResourceTypes: []string{"auto-scaling-group"}},
	{Type: "TargetGroupsAttached", ResourceTypes: []string{"target-group-attachment"}},
}

func (n *NodePools) collection() *collection.Collection[*computev1.NodePool] {
	return &collection.Collection[*computev1.NodePool]{Type: object.NodePools, Bucket: n.Own, Validate: n.validate}
}

// Reconciler keeps what node pools declare.
func (n *NodePools) Reconciler() *reconciler.Reconciler[*computev1.NodePool] {
	return &reconciler.Reconciler[*computev1.NodePool]{
		Type: object.NodePools, Bucket: n.Own, TimeScale: n.Sessions.TimeScale(), ResyncPeriod: n.Sessions.ResyncPeriod(), InventoryAudit: n.Sessions.Missing, Stages: nodePoolStages,
		Sessions: n.Sessions, Owner: n.owner, Prepare: n.prepare, Graph: n.graph, Factories: n.factories, RenderStatus: renderNodePool,
	}
}

// validate says what is wrong with a specification beyond single fields.
func (n *NodePools) validate(_ context.Context, old, wanted *computev1.NodePool) error {
	spec := wanted.GetSpec()
	var bad []fault.Field
	if spec.GetMaxSize() < spec.GetMinSize() {
		bad = append(bad, fault.Field{Path: "spec.maxSize", Message: "is less than minSize"})
	}
	for i, name := range spec.GetInstanceTypes() {
		if machine.Architecture(name) != machine.Architecture(spec.GetInstanceTypes()[0]) {
			bad = append(bad, fault.Field{Path: fmt.Sprintf("spec.instanceTypes[%d]", i),
				Message: "is not of the architecture of the first: the nodes of a pool boot one image"})
		}
	}
	bad = append(bad, badLabels(spec.GetNodeLabels())...)
	if old != nil {
		bad = append(bad, references(old.GetSpec(), spec)...)
		if old.GetSpec().GetPool() != spec.GetPool() {
			bad = append(bad, fault.Field{Path: "spec.pool", Message: "cannot be changed; create another one instead"})
		}
		if machine.Architecture(old.GetSpec().GetInstanceTypes()[0]) != machine.Architecture(spec.GetInstanceTypes()[0]) {
			bad = append(bad, fault.Field{Path: "spec.instanceTypes", Message: "cannot change the architecture; create another pool instead"})
		}
	}
	if len(bad) > 0 {
		return fault.InvalidFields(bad...)
	}
	return nil
}

// prepare chooses the image of a new node pool, once. A declared image is
// followed: nodes to come are started from it.
func (n *NodePools) prepare(ctx context.Context, r *computev1.NodePool, _ *recordv1.Record) error {
	frozen, declared := r.GetStatus().GetImageId(), r.GetSpec().GetImageId()
	if frozen != "" && (declared == "" || declared == frozen) {
		return nil
	}
	api, err := n.open(ctx, r.GetSpec())
	if err != nil {
		return err
	}
	image, err := machine.ChooseImage(ctx, api, declared, r.GetSpec().GetInstanceTypes()[0])
	if err != nil {
		return err
	}
	if r.Status == nil {
		r.Status = new(computev1.NodePoolStatus)
	}
	r.Status.ImageId = image
	return nil
}

func (n *NodePools) graph(ctx context.Context, r *computev1.NodePool) (*graph.Graph, error) {
	zones := zoneNames(n.network(r.GetSpec()))
	if len(zones) == 0 {
		return nil, fault.Waitingf("%s has not chosen its zones yet", r.GetSpec().GetNetwork())
	}
	return n.declare(ctx, r, zones)
}

func (n *NodePools) declare(ctx context.Context, r *computev1.NodePool, zones []string) (*graph.Graph, error) {
	api, err := n.open(ctx, r.GetSpec())
	if err != nil {
		return nil, err
	}
	return compute.NodePoolResources(parseNodePool(r, n.provided(r.GetSpec(), zones)), api, n.owner(r)), nil
}

func (n *NodePools) factories(ctx context.Context, r *computev1.NodePool) (graph.Factories, error) {
	api, err := n.open(ctx, r.GetSpec())
	if err != nil {
		return nil, err
	}
	return compute.Factories(api, n.owner(r)), nil
}

func (n *NodePools) plan(ctx context.Context, in *computev1.PlanNodePoolRequest) (*computev1.PlanNodePoolResponse, error) {
	r := in.GetNodePool()
	there, exists := object.Find[*computev1.NodePool](n.Own, object.NodePools, r.GetName())
	if exists {
		r.Uid, r.Status = there.GetUid(), there.GetStatus()
	}
	if err := n.validate(ctx, there, r); err != nil {
		return nil, err
	}
	zones := zoneNames(n.network(r.GetSpec()))
	if len(zones) == 0 {
		zones = in.GetAssumeZones()
	}
	if len(zones) == 0 {
		return nil, fault.Waitingf("%s has not chosen its zones yet", r.GetSpec().GetNetwork())
	}
	g, err := n.declare(ctx, r, zones)
	if err != nil {
		return nil, err
	}
	actions, err := g.Plan(ctx, graph.Walk{Ledger: n.Reconciler().RecordedLedger(r.GetName())})
	if err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	return &computev1.PlanNodePoolResponse{Actions: reconciler.Actions(r.GetName(), actions), Zones: zones}, nil
}

func (n *NodePools) owner(r *computev1.NodePool) session.Owner {
	return object.Owner(n.Installation, object.NodePools, r, r.GetSpec().GetCluster())
}
