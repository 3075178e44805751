package leftover

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// scenery is everything in the VPC as one look shows it.
type scenery struct {
	*Finder
	clues
	instances map[string]types.Instance
	launchers map[string]*string // the accounts that launched them
	balancers []balancer
	endpoints []types.VpcEndpoint
	security  []types.SecurityGroup
	gateways  []types.NatGateway
	subnets   []types.Subnet
	tables    []types.RouteTable
	peerings  []types.VpcPeeringConnection
	volumes   []types.Volume
}

// Look finds everything in the VPC and everything with the cluster's tags that
// Skep did not make, with what becomes of it: first what goes first.
func (f *Finder) Look(ctx context.Context) ([]Thing, error) {
	s, err := f.view(ctx)
	if err != nil {
		return nil, err
	}
	var things []Thing
	for _, judge := range []func() []Thing{
		s.judgeInstances, s.judgeBalancers, s.judgeTargetGroups, s.judgeEndpoints, s.judgeInterfaces, s.judgeSecurityGroups,
		s.judgeGateways, s.judgeSubnets, s.judgeTables, s.judgePeerings, s.judgeVolumes, s.judgeAddresses,
	} {
		things = append(things, judge()...)
	}
	return things, nil
}

func (f *Finder) view(ctx context.Context) (*scenery, error) {
	s := &scenery{Finder: f, instances: make(map[string]types.Instance), launchers: make(map[string]*string)}
	err := together(
		func() error {
			seen, err := f.clues(ctx)
			if err != nil {
				return err
			}
			s.clues = *seen
			s.volumes, err = f.volumes(ctx, s.tagged)
			return err
		},
		func() (err error) { s.balancers, err = f.balancers(ctx); return err },
		func() error {
			return wrap("list instances", pages(ctx, ec2.NewDescribeInstancesPaginator(f.EC2, &ec2.DescribeInstancesInput{Filters: f.inVPC("vpc-id")}),
				func(out *ec2.DescribeInstancesOutput) {
					for _, reservation := range out.Reservations {
						for _, instance := range reservation.Instances {
							s.instances[aws.ToString(instance.InstanceId)] = instance
							s.launchers[aws.ToString(instance.InstanceId)] = reservation.OwnerId
						}
					}
				}))
		},
		func() error {
			return wrap("list endpoints", pages(ctx, ec2.NewDescribeVpcEndpointsPaginator(f.EC2, &ec2.DescribeVpcEndpointsInput{Filters: f.inVPC("vpc-id")}),
				func(out *ec2.DescribeVpcEndpointsOutput) { s.endpoints = append(s.endpoints, out.VpcEndpoints...) }))
		},
		func() error {
			return wrap("list security groups", pages(ctx, ec2.NewDescribeSecurityGroupsPaginator(f.EC2, &ec2.DescribeSecurityGroupsInput{Filters: f.inVPC("vpc-id")}),
				func(out *ec2.DescribeSecurityGroupsOutput) { s.security = append(s.security, out.SecurityGroups...) }))
		},
		func() error {
			return wrap("list NAT gateways", pages(ctx, ec2.NewDescribeNatGatewaysPaginator(f.EC2, &ec2.DescribeNatGatewaysInput{Filter: f.inVPC("vpc-id")}),
				func(out *ec2.DescribeNatGatewaysOutput) { s.gateways = append(s.gateways, out.NatGateways...) }))
		},
		func() error {
			return wrap("list subnets", pages(ctx, ec2.NewDescribeSubnetsPaginator(f.EC2, &ec2.DescribeSubnetsInput{Filters: f.inVPC("vpc-id")}),
				func(out *ec2.DescribeSubnetsOutput) { s.subnets = append(s.subnets, out.Subnets...) }))
		},
		func() error {
			return wrap("list route tables", pages(ctx, ec2.NewDescribeRouteTablesPaginator(f.EC2, &ec2.DescribeRouteTablesInput{Filters: f.inVPC("vpc-id")}),
				func(out *ec2.DescribeRouteTablesOutput) { s.tables = append(s.tables, out.RouteTables...) }))
		},
		func() error {
			for _, side := range []string{"requester-vpc-info.vpc-id", "accepter-vpc-info.vpc-id"} {
				if err := pages(ctx, ec2.NewDescribeVpcPeeringConnectionsPaginator(f.EC2, &ec2.DescribeVpcPeeringConnectionsInput{Filters: f.inVPC(side)}),
					func(out *ec2.DescribeVpcPeeringConnectionsOutput) {
						s.peerings = append(s.peerings, out.VpcPeeringConnections...)
					}); err != nil {
					return wrap("list peering connections", err)
				}
			}
			return nil
		},
	)
	return s, err
}

// known reports whether Skep accounts for a thing elsewhere.
func (s *scenery) known(id string, t tags) bool {
	return s.Known(id) || s.Members && s.member(t)
}
