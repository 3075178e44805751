package api

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	computev1 "github.com/skep-dev/skep/proto/gen/go/skep/compute/v1"

	"github.com/skep-dev/skep/libs/aws/machine"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/definition"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/services/compute/internal/compute"
)

// ControlPlanes is the definition of the object type ControlPlane.
func ControlPlanes(sources Sources) definition.Definition[*computev1.ControlPlane, compute.ControlPlaneSpec] {
	return definition.Definition[*computev1.ControlPlane, compute.ControlPlaneSpec]{
		Type: object.ControlPlanes,
		Stages: []reconciler.Stage{
			{Type: "NetworkInterfacesReady", ResourceTypes: []string{"network-interface"}},
			{Type: "EtcdVolumesReady", ResourceTypes: []string{"etcd-volume", "volume-attachment"}},
			{Type: "InstancesReady", ResourceTypes: []string{"instance"}},
			{Type: "LoadBalancerAttached", ResourceTypes: []string{"target"}},
		},
		AdoptByTags: true,
		Prepare:     sources.prepareControlPlane,
		Build: func(_ *computev1.ControlPlane, spec compute.ControlPlaneSpec, config aws.Config, owner session.Owner) *graph.Graph {
			return compute.ControlPlaneResources(spec, compute.Open(config), owner)
		},
		Factories: func(_ *computev1.ControlPlane, config aws.Config, owner session.Owner) graph.Factories {
			return compute.Factories(compute.Open(config), owner)
		},
		Status: renderControlPlane,
		Zones:  func(r *computev1.ControlPlane) []string { return zoneNames(sources.network(r.GetSpec())) },
	}
}

// prepareControlPlane chooses the image of a new control plane once, and reads what
// the members need from other objects. A plan leaves the image open.
func (s Sources) prepareControlPlane(ctx context.Context, in definition.Preparation[*computev1.ControlPlane]) (compute.ControlPlaneSpec, error) {
	r := in.Object
	if r.GetStatus().GetImageId() == "" && !in.Plan {
		image, err := chooseImage(ctx, in.Config, r.GetSpec().GetImageId(), r.GetSpec().GetInstanceType())
		if err != nil {
			return compute.ControlPlaneSpec{}, err
		}
		r.Status.ImageId = image
	}
	provided, err := s.read(r.GetSpec(), in.AssumeZones)
	if err != nil {
		return compute.ControlPlaneSpec{}, err
	}
	return parseControlPlane(r, provided), nil
}

// chooseImage is the image that machines boot; see machine.ChooseImage.
func chooseImage(ctx context.Context, open func(ctx context.Context) (aws.Config, error), desired, instanceType string) (string, error) {
	config, err := open(ctx)
	if err != nil {
		return "", err
	}
	return machine.ChooseImage(ctx, compute.Open(config), desired, instanceType)
}
