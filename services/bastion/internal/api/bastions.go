// Package api holds the definition of the bastion service's object type: what a
// bastion is made of, and what it reads from its network.
package api

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	bastionv1 "github.com/skep-dev/skep/proto/gen/go/skep/bastion/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/aws/machine"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/definition"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/services/bastion/internal/bastion"
)

// Bastions is the definition of the object type Bastion. Networks are the records of
// the network service.
func Bastions(networks *store.Bucket) definition.Definition[*bastionv1.Bastion, bastion.Spec] {
	source := source{networks: networks}
	return definition.Definition[*bastionv1.Bastion, bastion.Spec]{
		Type:        object.Bastions,
		Stages:      []reconciler.Stage{{Type: "BastionHostReady", ResourceTypes: []string{"instance"}}},
		AdoptByTags: true,
		Validate:    source.validate,
		Prepare:     source.prepare,
		Build: func(_ *bastionv1.Bastion, spec bastion.Spec, config aws.Config, owner session.Owner) *graph.Graph {
			return bastion.Resources(spec, ec2.NewFromConfig(config), owner)
		},
		Factories: func(_ *bastionv1.Bastion, config aws.Config, owner session.Owner) graph.Factories {
			return bastion.Factories(ec2.NewFromConfig(config), owner)
		},
		Status: render,
		Zones:  func(r *bastionv1.Bastion) []string { return zoneNames(source.network(r)) },
	}
}

// source reads the networks that bastions stand in.
type source struct{ networks *store.Bucket }

// network is the network of a bastion, nil while its record is missing.
func (s source) network(r *bastionv1.Bastion) *networkv1.Network {
	n, _ := object.Find[*networkv1.Network](s.networks, object.Networks, r.GetSpec().GetNetwork())
	return n
}

// validate refuses more hosts than zones as far as the zones are known.
func (s source) validate(_ context.Context, _, desired *bastionv1.Bastion) error {
	zones := zoneNames(s.network(desired))
	if len(zones) == 0 {
		return nil
	}
	if bad := tooManyHosts(desired, zones); len(bad) > 0 {
		return fault.InvalidFields(bad...)
	}
	return nil
}

// tooManyHosts returns a bad field if there are more hosts than zones.
func tooManyHosts(r *bastionv1.Bastion, zones []string) []fault.Field {
	if int(r.GetSpec().GetHosts()) <= len(zones) {
		return nil
	}
	return []fault.Field{{Path: "spec.hosts", Message: fmt.Sprintf("is more than the %d zones of the network: there is one host a zone", len(zones))}}
}

// prepare chooses the image of a new bastion once, and reads what its network
// provides. The zones may be known only after the bastion was declared, so it checks
// the number of hosts again. A plan leaves the image open.
func (s source) prepare(ctx context.Context, in definition.Preparation[*bastionv1.Bastion]) (bastion.Spec, error) {
	r := in.Object
	if r.GetStatus().GetImageId() == "" && !in.Plan {
		config, err := in.Config(ctx)
		if err != nil {
			return bastion.Spec{}, err
		}
		image, err := machine.ChooseImage(ctx, ec2.NewFromConfig(config), r.GetSpec().GetImageId(), instanceType(r.GetSpec()))
		if err != nil {
			return bastion.Spec{}, err
		}
		r.Status.ImageId = image
	}
	network := s.network(r)
	zones := zoneNames(network)
	if len(zones) == 0 {
		zones = in.AssumeZones
	}
	if len(zones) == 0 {
		return bastion.Spec{}, fault.Waitingf("%s has not chosen its zones yet", r.GetSpec().GetNetwork())
	}
	if bad := tooManyHosts(r, zones); len(bad) > 0 {
		return bastion.Spec{}, fault.InvalidFields(bad...)
	}
	return parseSpec(r, zones, provided(r.GetSpec().GetNetwork(), network)), nil
}
