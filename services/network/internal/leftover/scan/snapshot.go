package scan

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Snapshot is the result of one scan. It holds every resource that AWS shows, including
// the resources that Skep created.
type Snapshot struct {
	Target
	Tagged

	Instances      []Instance
	Interfaces     []types.NetworkInterface
	LoadBalancers  []LoadBalancer
	TargetGroups   []TargetGroup
	Endpoints      []types.VpcEndpoint
	SecurityGroups []types.SecurityGroup
	NATGateways    []types.NatGateway
	Subnets        []types.Subnet
	RouteTables    []types.RouteTable
	Peerings       []types.VpcPeeringConnection
}

// Instance is one instance in the VPC.
type Instance struct {
	types.Instance
	// Launcher is the account that launched it.
	Launcher *string
}

// Instance returns the instance with this id, or an empty one without a state.
func (s *Snapshot) Instance(id string) Instance {
	i := slices.IndexFunc(s.Instances, func(i Instance) bool { return aws.ToString(i.InstanceId) == id })
	if i < 0 {
		return Instance{}
	}
	return s.Instances[i]
}

// Scan reads every resource in the VPC and every resource with the tags of the cluster.
func (s *Scanner) Scan(ctx context.Context) (*Snapshot, error) {
	found := &Snapshot{Target: s.Target}
	err := parallel(
		func() (err error) { found.Interfaces, err = s.interfaces(ctx); return err },
		func() (err error) { found.Tagged, err = s.tagged(ctx); return err },
		func() (err error) { found.TargetGroups, err = s.targetGroups(ctx); return err },
		func() (err error) { found.LoadBalancers, err = s.loadBalancers(ctx); return err },
		func() error {
			return wrap("list instances", pages(ctx, ec2.NewDescribeInstancesPaginator(s.EC2, &ec2.DescribeInstancesInput{Filters: s.inVPC("vpc-id")}),
				func(out *ec2.DescribeInstancesOutput) {
					for _, reservation := range out.Reservations {
						for _, instance := range reservation.Instances {
							found.Instances = append(found.Instances, Instance{instance, reservation.OwnerId})
						}
					}
				}))
		},
		func() error {
			return wrap("list endpoints", pages(ctx, ec2.NewDescribeVpcEndpointsPaginator(s.EC2, &ec2.DescribeVpcEndpointsInput{Filters: s.inVPC("vpc-id")}),
				func(out *ec2.DescribeVpcEndpointsOutput) {
					found.Endpoints = append(found.Endpoints, out.VpcEndpoints...)
				}))
		},
		func() error {
			return wrap("list security groups", pages(ctx, ec2.NewDescribeSecurityGroupsPaginator(s.EC2, &ec2.DescribeSecurityGroupsInput{Filters: s.inVPC("vpc-id")}),
				func(out *ec2.DescribeSecurityGroupsOutput) {
					found.SecurityGroups = append(found.SecurityGroups, out.SecurityGroups...)
				}))
		},
		func() error {
			return wrap("list NAT gateways", pages(ctx, ec2.NewDescribeNatGatewaysPaginator(s.EC2, &ec2.DescribeNatGatewaysInput{Filter: s.inVPC("vpc-id")}),
				func(out *ec2.DescribeNatGatewaysOutput) {
					found.NATGateways = append(found.NATGateways, out.NatGateways...)
				}))
		},
		func() error {
			return wrap("list subnets", pages(ctx, ec2.NewDescribeSubnetsPaginator(s.EC2, &ec2.DescribeSubnetsInput{Filters: s.inVPC("vpc-id")}),
				func(out *ec2.DescribeSubnetsOutput) { found.Subnets = append(found.Subnets, out.Subnets...) }))
		},
		func() error {
			return wrap("list route tables", pages(ctx, ec2.NewDescribeRouteTablesPaginator(s.EC2, &ec2.DescribeRouteTablesInput{Filters: s.inVPC("vpc-id")}),
				func(out *ec2.DescribeRouteTablesOutput) {
					found.RouteTables = append(found.RouteTables, out.RouteTables...)
				}))
		},
		func() (err error) { found.Peerings, err = s.peerings(ctx); return err },
	)
	if err != nil {
		return nil, err
	}
	return found, nil
}

// ScanBeyondVPC reads the resources that can outlive the VPC: every resource of EC2 with the
// tags of the cluster, and the target groups of the VPC. The others need no read, because
// AWS deletes a VPC only after every resource in it is deleted.
func (s *Scanner) ScanBeyondVPC(ctx context.Context) (*Snapshot, error) {
	found := &Snapshot{Target: s.Target}
	err := parallel(
		func() (err error) { found.Tagged, err = s.tagged(ctx); return err },
		func() (err error) { found.TargetGroups, err = s.targetGroups(ctx); return err },
	)
	if err != nil {
		return nil, err
	}
	return found, nil
}

// peerings lists the peering connections that the VPC requested or accepted: one filter
// cannot name both sides.
func (s *Scanner) peerings(ctx context.Context) (found []types.VpcPeeringConnection, err error) {
	for _, side := range []string{"requester-vpc-info.vpc-id", "accepter-vpc-info.vpc-id"} {
		in := &ec2.DescribeVpcPeeringConnectionsInput{Filters: s.inVPC(side)}
		if err := pages(ctx, ec2.NewDescribeVpcPeeringConnectionsPaginator(s.EC2, in), func(out *ec2.DescribeVpcPeeringConnectionsOutput) {
			found = append(found, out.VpcPeeringConnections...)
		}); err != nil {
			return nil, wrap("list peering connections", err)
		}
	}
	return found, nil
}
