package api

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"

	computev1 "github.com/skep-dev/skep/proto/gen/go/skep/compute/v1"

	"github.com/skep-dev/skep/libs/aws/machine"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/definition"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/services/compute/internal/compute"
)

// NodePools is the definition of the object type NodePool.
func NodePools(sources Sources) definition.Definition[*computev1.NodePool, compute.NodePoolSpec] {
	return definition.Definition[*computev1.NodePool, compute.NodePoolSpec]{
		Type: object.NodePools,
		Stages: []reconciler.Stage{
			{Type: "LaunchTemplateReady", ResourceTypes: []string{"launch-template"}},
			{Type: "ASGReady", ResourceTypes: []string{"auto-scaling-group"}},
			{Type: "TargetGroupsAttached", ResourceTypes: []string{"target-group-attachment"}},
		},
		AdoptByTags: true,
		Validate:    validateNodePool,
		Prepare:     sources.prepareNodePool,
		Build: func(_ *computev1.NodePool, spec compute.NodePoolSpec, config aws.Config, owner session.Owner) *graph.Graph {
			return compute.NodePoolResources(spec, compute.Open(config), owner)
		},
		Factories: func(_ *computev1.NodePool, config aws.Config, owner session.Owner) graph.Factories {
			return compute.Factories(compute.Open(config), owner)
		},
		Status: renderNodePool,
		Zones:  func(r *computev1.NodePool) []string { return zoneNames(sources.network(r.GetSpec())) },
	}
}

// validateNodePool checks what the contract cannot: sizes against each other, one
// architecture for all instance types, and labels that a kubelet may set.
func validateNodePool(_ context.Context, old, desired *computev1.NodePool) error {
	spec := desired.GetSpec()
	var bad []fault.Field
	if spec.GetMaxSize() < spec.GetMinSize() {
		bad = append(bad, fault.Field{Path: "spec.maxSize", Message: "is less than minSize"})
	}
	architecture := machine.Architecture(spec.GetInstanceTypes()[0])
	for i, name := range spec.GetInstanceTypes() {
		if machine.Architecture(name) != architecture {
			bad = append(bad, fault.Field{Path: fmt.Sprintf("spec.instanceTypes[%d]", i),
				Message: "is not of the architecture of the first: the nodes of a pool boot one image"})
		}
	}
	bad = append(bad, badLabels(spec.GetNodeLabels())...)
	if old != nil && machine.Architecture(old.GetSpec().GetInstanceTypes()[0]) != architecture {
		bad = append(bad, fault.Field{Path: "spec.instanceTypes", Message: "cannot change the architecture; create another pool instead"})
	}
	if len(bad) > 0 {
		return fault.InvalidFields(bad...)
	}
	return nil
}

// prepareNodePool chooses the image of a new node pool once, and reads what the nodes
// need from other objects. It follows a change of the desired image: new nodes boot
// from it. A plan leaves the image open.
func (s Sources) prepareNodePool(ctx context.Context, in definition.Preparation[*computev1.NodePool]) (compute.NodePoolSpec, error) {
	r := in.Object
	frozen, desired := r.GetStatus().GetImageId(), r.GetSpec().GetImageId()
	if (frozen == "" || desired != "" && desired != frozen) && !in.Plan {
		image, err := chooseImage(ctx, in.Config, desired, r.GetSpec().GetInstanceTypes()[0])
		if err != nil {
			return compute.NodePoolSpec{}, err
		}
		r.Status.ImageId = image
	}
	provided, err := s.read(r.GetSpec(), in.AssumeZones)
	if err != nil {
		return compute.NodePoolSpec{}, err
	}
	provided.ingress = s.ingress(r.GetSpec().GetIngress())
	return parseNodePool(r, provided), nil
}
