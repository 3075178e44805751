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

// Subnet is the subnet of one tier in one zone.
type Subnet struct {
	graph.Node
	tagged
	VPC  *VPC
	Tier Tier
	Zone string
	CIDR netip.Prefix
}

// Name implements graph.Resource.
func (s *Subnet) Name() string { return "subnet/" + string(s.Tier) + "/" + s.Zone }

// Needs implements graph.Resource.
func (s *Subnet) Needs() []graph.Resource { return []graph.Resource{s.VPC} }

// Observe implements graph.Resource.
func (s *Subnet) Observe(ctx context.Context) (graph.State, error) {
	in := &ec2.DescribeSubnetsInput{Filters: session.ByIntent(s.Token())}
	if s.ID() != "" {
		in = &ec2.DescribeSubnetsInput{SubnetIds: []string{s.ID()}}
	}
	out, err := s.DescribeSubnets(ctx, in)
	if err != nil {
		return graph.Absent, errorclass.IgnoreNotFound(err)
	}
	subnet, err := session.Only(out.Subnets)
	if err != nil || subnet == nil {
		return graph.Absent, err
	}
	s.SetID(aws.ToString(subnet.SubnetId))
	if s.CIDR.IsValid() && aws.ToString(subnet.CidrBlock) != s.CIDR.String() {
		return graph.Drifted, nil
	}
	return s.compare(&s.Node, subnet.Tags, s.role(), s.owner.KubernetesTag("shared")), nil
}

// Create implements graph.Resource.
func (s *Subnet) Create(ctx context.Context) (graph.State, error) {
	out, err := s.CreateSubnet(ctx, &ec2.CreateSubnetInput{
		VpcId:             aws.String(s.VPC.ID()),
		AvailabilityZone:  aws.String(s.Zone),
		CidrBlock:         aws.String(s.CIDR.String()),
		TagSpecifications: s.owner.EC2Tags(types.ResourceTypeSubnet, s.Name(), s.Token(), s.role(), s.owner.KubernetesTag("shared")),
	})
	if err != nil {
		return graph.Absent, err
	}
	s.SetID(aws.ToString(out.Subnet.SubnetId))
	return graph.Ready, nil
}

// role returns the tag by which controllers in the cluster choose subnets for load balancers.
func (s *Subnet) role() session.Tag {
	if s.Tier == Public {
		return session.Tag{Key: "kubernetes.io/role/elb", Value: "1"}
	}
	return session.Tag{Key: "kubernetes.io/role/internal-elb", Value: "1"}
}

// Update implements graph.Updater. It restores the owner tags. A subnet with another range cannot be
// repaired: Update then returns graph.ImmutableDrift.
func (s *Subnet) Update(ctx context.Context) error { return s.retag(ctx, &s.Node) }

// Delete implements graph.Resource.
func (s *Subnet) Delete(ctx context.Context) error {
	_, err := s.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: aws.String(s.ID())})
	return errorclass.IgnoreNotFound(err)
}
