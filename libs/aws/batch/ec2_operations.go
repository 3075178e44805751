package batch

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// The reads of EC2 that are asked together.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html has the codes.
func addEC2(forms map[string]form, tokenTag string) {
	describes(forms, tokenTag, "DescribeVpcs", ec2Form[ec2.DescribeVpcsInput, ec2.DescribeVpcsOutput, types.Vpc]{
		id: "vpc-id", noun: "vpc ID", missing: "InvalidVpcID.NotFound",
		asked: func(in *ec2.DescribeVpcsInput) ec2Asked { return ec2Asked{&in.VpcIds, &in.Filters, &in.NextToken} },
		told: func(out *ec2.DescribeVpcsOutput) ec2Told[types.Vpc] {
			return ec2Told[types.Vpc]{&out.Vpcs, &out.NextToken}
		},
	}, func(v types.Vpc) (*string, []types.Tag) { return v.VpcId, v.Tags }, nil)

	describes(forms, tokenTag, "DescribeSubnets", ec2Form[ec2.DescribeSubnetsInput, ec2.DescribeSubnetsOutput, types.Subnet]{
		id: "subnet-id", noun: "subnet ID", missing: "InvalidSubnetID.NotFound",
		asked: func(in *ec2.DescribeSubnetsInput) ec2Asked {
			return ec2Asked{&in.SubnetIds, &in.Filters, &in.NextToken}
		},
		told: func(out *ec2.DescribeSubnetsOutput) ec2Told[types.Subnet] {
			return ec2Told[types.Subnet]{&out.Subnets, &out.NextToken}
		},
	}, func(s types.Subnet) (*string, []types.Tag) { return s.SubnetId, s.Tags }, nil)

	describes(forms, tokenTag, "DescribeInternetGateways", ec2Form[ec2.DescribeInternetGatewaysInput, ec2.DescribeInternetGatewaysOutput, types.InternetGateway]{
		id: "internet-gateway-id", noun: "internetGateway ID", missing: "InvalidInternetGatewayID.NotFound",
		asked: func(in *ec2.DescribeInternetGatewaysInput) ec2Asked {
			return ec2Asked{&in.InternetGatewayIds, &in.Filters, &in.NextToken}
		},
		told: func(out *ec2.DescribeInternetGatewaysOutput) ec2Told[types.InternetGateway] {
			return ec2Told[types.InternetGateway]{&out.InternetGateways, &out.NextToken}
		},
	}, func(g types.InternetGateway) (*string, []types.Tag) { return g.InternetGatewayId, g.Tags }, nil)

	describes(forms, tokenTag, "DescribeRouteTables", ec2Form[ec2.DescribeRouteTablesInput, ec2.DescribeRouteTablesOutput, types.RouteTable]{
		id: "route-table-id", noun: "routeTable ID", missing: "InvalidRouteTableID.NotFound",
		asked: func(in *ec2.DescribeRouteTablesInput) ec2Asked {
			return ec2Asked{&in.RouteTableIds, &in.Filters, &in.NextToken}
		},
		told: func(out *ec2.DescribeRouteTablesOutput) ec2Told[types.RouteTable] {
			return ec2Told[types.RouteTable]{&out.RouteTables, &out.NextToken}
		},
	}, func(t types.RouteTable) (*string, []types.Tag) { return t.RouteTableId, t.Tags },
		map[string]func(types.RouteTable) []string{"association.subnet-id": func(t types.RouteTable) (subnets []string) {
			for _, association := range t.Associations {
				subnets = append(subnets, aws.ToString(association.SubnetId))
			}
			return subnets
		}})

	describes(forms, tokenTag, "DescribeAddresses", ec2Form[ec2.DescribeAddressesInput, ec2.DescribeAddressesOutput, types.Address]{
		id: "allocation-id", noun: "allocation ID", missing: "InvalidAllocationID.NotFound",
		asked: func(in *ec2.DescribeAddressesInput) ec2Asked { return ec2Asked{&in.AllocationIds, &in.Filters, nil} },
		told: func(out *ec2.DescribeAddressesOutput) ec2Told[types.Address] {
			return ec2Told[types.Address]{&out.Addresses, nil}
		},
	}, func(a types.Address) (*string, []types.Tag) { return a.AllocationId, a.Tags }, nil)

	describes(forms, tokenTag, "DescribeNatGateways", ec2Form[ec2.DescribeNatGatewaysInput, ec2.DescribeNatGatewaysOutput, types.NatGateway]{
		id: "nat-gateway-id", noun: "NAT gateway ID", missing: "NatGatewayNotFound",
		asked: func(in *ec2.DescribeNatGatewaysInput) ec2Asked {
			return ec2Asked{&in.NatGatewayIds, &in.Filter, &in.NextToken}
		},
		told: func(out *ec2.DescribeNatGatewaysOutput) ec2Told[types.NatGateway] {
			return ec2Told[types.NatGateway]{&out.NatGateways, &out.NextToken}
		},
	}, func(g types.NatGateway) (*string, []types.Tag) { return g.NatGatewayId, g.Tags }, nil)

	describes(forms, tokenTag, "DescribeVpcEndpoints", ec2Form[ec2.DescribeVpcEndpointsInput, ec2.DescribeVpcEndpointsOutput, types.VpcEndpoint]{
		// There is a filter by id, which AWS's imitations do not know.
		noun: "VPC endpoint ID", missing: "InvalidVpcEndpointId.NotFound",
		asked: func(in *ec2.DescribeVpcEndpointsInput) ec2Asked {
			return ec2Asked{&in.VpcEndpointIds, &in.Filters, &in.NextToken}
		},
		told: func(out *ec2.DescribeVpcEndpointsOutput) ec2Told[types.VpcEndpoint] {
			return ec2Told[types.VpcEndpoint]{&out.VpcEndpoints, &out.NextToken}
		},
	}, func(e types.VpcEndpoint) (*string, []types.Tag) { return e.VpcEndpointId, e.Tags }, nil)

	describes(forms, tokenTag, "DescribeSecurityGroups", ec2Form[ec2.DescribeSecurityGroupsInput, ec2.DescribeSecurityGroupsOutput, types.SecurityGroup]{
		id: "group-id", noun: "security group", missing: "InvalidGroup.NotFound",
		asked: func(in *ec2.DescribeSecurityGroupsInput) ec2Asked {
			return ec2Asked{&in.GroupIds, &in.Filters, &in.NextToken}
		},
		told: func(out *ec2.DescribeSecurityGroupsOutput) ec2Told[types.SecurityGroup] {
			return ec2Told[types.SecurityGroup]{&out.SecurityGroups, &out.NextToken}
		},
	}, func(g types.SecurityGroup) (*string, []types.Tag) { return g.GroupId, g.Tags },
		map[string]func(types.SecurityGroup) []string{"vpc-id": func(g types.SecurityGroup) []string { return []string{aws.ToString(g.VpcId)} }})

	describes(forms, tokenTag, "DescribeNetworkInterfaces", ec2Form[ec2.DescribeNetworkInterfacesInput, ec2.DescribeNetworkInterfacesOutput, types.NetworkInterface]{
		id: "network-interface-id", noun: "networkInterface ID", missing: "InvalidNetworkInterfaceID.NotFound",
		asked: func(in *ec2.DescribeNetworkInterfacesInput) ec2Asked {
			return ec2Asked{&in.NetworkInterfaceIds, &in.Filters, &in.NextToken}
		},
		told: func(out *ec2.DescribeNetworkInterfacesOutput) ec2Told[types.NetworkInterface] {
			return ec2Told[types.NetworkInterface]{&out.NetworkInterfaces, &out.NextToken}
		},
	}, func(n types.NetworkInterface) (*string, []types.Tag) { return n.NetworkInterfaceId, n.TagSet },
		map[string]func(types.NetworkInterface) []string{"description": func(n types.NetworkInterface) []string { return []string{aws.ToString(n.Description)} }})

	describes(forms, tokenTag, "DescribeVolumes", ec2Form[ec2.DescribeVolumesInput, ec2.DescribeVolumesOutput, types.Volume]{
		id: "volume-id", noun: "volume", missing: "InvalidVolume.NotFound",
		asked: func(in *ec2.DescribeVolumesInput) ec2Asked {
			return ec2Asked{&in.VolumeIds, &in.Filters, &in.NextToken}
		},
		told: func(out *ec2.DescribeVolumesOutput) ec2Told[types.Volume] {
			return ec2Told[types.Volume]{&out.Volumes, &out.NextToken}
		},
	}, func(v types.Volume) (*string, []types.Tag) { return v.VolumeId, v.Tags }, nil)

	describes(forms, tokenTag, "DescribeLaunchTemplates", ec2Form[ec2.DescribeLaunchTemplatesInput, ec2.DescribeLaunchTemplatesOutput, types.LaunchTemplate]{
		noun: "launch template", missing: "InvalidLaunchTemplateId.NotFound",
		asked: func(in *ec2.DescribeLaunchTemplatesInput) ec2Asked {
			return ec2Asked{&in.LaunchTemplateIds, &in.Filters, &in.NextToken}
		},
		told: func(out *ec2.DescribeLaunchTemplatesOutput) ec2Told[types.LaunchTemplate] {
			return ec2Told[types.LaunchTemplate]{&out.LaunchTemplates, &out.NextToken}
		},
	}, func(t types.LaunchTemplate) (*string, []types.Tag) { return t.LaunchTemplateId, t.Tags }, nil)

	describes(forms, tokenTag, "DescribeInstances", ec2Form[ec2.DescribeInstancesInput, ec2.DescribeInstancesOutput, types.Reservation]{
		id: "instance-id", noun: "instance ID", missing: "InvalidInstanceID.NotFound",
		asked: func(in *ec2.DescribeInstancesInput) ec2Asked {
			return ec2Asked{&in.InstanceIds, &in.Filters, &in.NextToken}
		},
		told: func(out *ec2.DescribeInstancesOutput) ec2Told[types.Reservation] {
			return ec2Told[types.Reservation]{&out.Reservations, &out.NextToken}
		},
		split: reservations,
	}, func(r types.Reservation) (*string, []types.Tag) {
		return r.Instances[0].InstanceId, r.Instances[0].Tags
	}, nil)
}

// reservations are those of the instances of one, each on its own: AWS lists of a
// reservation only the instances that were asked for.
func reservations(r types.Reservation) []types.Reservation {
	var singles []types.Reservation
	for _, instance := range r.Instances {
		single := r
		single.Instances = []types.Instance{instance}
		singles = append(singles, single)
	}
	return singles
}
