package network

import (
	"context"
	"net/netip"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// VPC is the virtual private cloud of the network. CreateVpc takes no client token and a VPC has no natural key:
// after a lost response, Observe finds the VPC by its intent tag.
type VPC struct {
	graph.Node
	tagged
	CIDR netip.Prefix
}

// Name implements graph.Resource.
func (v *VPC) Name() string { return "vpc" }

// Needs implements graph.Resource.
func (v *VPC) Needs() []graph.Resource { return nil }

// Observe implements graph.Resource.
func (v *VPC) Observe(ctx context.Context) (graph.State, error) {
	in := &ec2.DescribeVpcsInput{Filters: session.ByIntent(v.Token())}
	if v.ID() != "" {
		in = &ec2.DescribeVpcsInput{VpcIds: []string{v.ID()}}
	}
	out, err := v.DescribeVpcs(ctx, in)
	if err != nil {
		return graph.Absent, errorclass.IgnoreNotFound(err)
	}
	vpc, err := session.Only(out.Vpcs)
	if err != nil || vpc == nil {
		return graph.Absent, err
	}
	v.SetID(aws.ToString(vpc.VpcId))
	if v.CIDR.IsValid() && aws.ToString(vpc.CidrBlock) != v.CIDR.String() {
		return graph.Drifted, nil
	}
	return v.compare(&v.Node, vpc.Tags), nil
}

// Create implements graph.Resource.
func (v *VPC) Create(ctx context.Context) (graph.State, error) {
	out, err := v.CreateVpc(ctx, &ec2.CreateVpcInput{
		CidrBlock:         aws.String(v.CIDR.String()),
		TagSpecifications: v.owner.EC2Tags(types.ResourceTypeVpc, v.Name(), v.Token()),
	})
	if err != nil {
		return graph.Absent, err
	}
	v.SetID(aws.ToString(out.Vpc.VpcId))
	return graph.Ready, nil
}

// Update implements graph.Updater. It restores the owner tags. A VPC with another range cannot be
// repaired: Update then returns graph.ImmutableDrift.
func (v *VPC) Update(ctx context.Context) error { return v.retag(ctx, &v.Node) }

// Delete implements graph.Resource.
func (v *VPC) Delete(ctx context.Context) error {
	_, err := v.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: aws.String(v.ID())})
	return errorclass.IgnoreNotFound(err)
}
