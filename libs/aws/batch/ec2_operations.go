package batch

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// addEC2 adds the reads of EC2 that can be combined. The error codes are listed at
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html.
func addEC2(operations map[string]operation, tokenTag string) {
	addDescribe(operations, tokenTag, "DescribeVpcs", ec2Operation[ec2.DescribeVpcsInput, ec2.DescribeVpcsOutput, types.Vpc]{
		id: "vpc-id", label: "vpc ID", notFound: "InvalidVpcID.NotFound",
		input: func(in *ec2.DescribeVpcsInput) ec2Input { return ec2Input{&in.VpcIds, &in.Filters, &in.NextToken} },
		output: func(out *ec2.DescribeVpcsOutput) ec2Output[types.Vpc] {
			return ec2Output[types.Vpc]{&out.Vpcs, &out.NextToken}
		},
	}, func(v types.Vpc) (*string, []types.Tag) { return v.VpcId, v.Tags }, nil)

	addDescribe(operations, tokenTag, "DescribeSubnets", ec2Operation[ec2.DescribeSubnetsInput, ec2.DescribeSubnetsOutput, types.Subnet]{
		id: "subnet-id", label: "subnet ID", notFound: "InvalidSubnetID.NotFound",
		input: func(in *ec2.DescribeSubnetsInput) ec2Input {
			return ec2Input{&in.SubnetIds, &in.Filters, &in.NextToken}
		},
		output: func(out *ec2.DescribeSubnetsOutput) ec2Output[types.Subnet] {
			return ec2Output[types.Subnet]{&out.Subnets, &out.NextToken}
		},
	}, func(s types.Subnet) (*string, []types.Tag) { return s.SubnetId, s.Tags }, nil)

	addDescribe(operations, tokenTag, "DescribeInternetGateways", ec2Operation[ec2.DescribeInternetGatewaysInput, ec2.DescribeInternetGatewaysOutput, types.InternetGateway]{
		id: "internet-gateway-id", label: "internetGateway ID", notFound: "InvalidInternetGatewayID.NotFound",
		input: func(in *ec2.DescribeInternetGatewaysInput) ec2Input {
			return ec2Input{&in.InternetGatewayIds, &in.Filters, &in.NextToken}
		},
		output: func(out *ec2.DescribeInternetGatewaysOutput) ec2Output[types.InternetGateway] {
			return ec2Output[types.InternetGateway]{&out.InternetGateways, &out.NextToken}
		},
	}, func(g types.InternetGateway) (*string, []types.Tag) { return g.InternetGatewayId, g.Tags }, nil)

	addDescribe(operations, tokenTag, "DescribeRouteTables", ec2Operation[ec2.DescribeRouteTablesInput, ec2.DescribeRouteTablesOutput, types.RouteTable]{
		id: "route-table-id", label: "routeTable ID", notFound: "InvalidRouteTableID.NotFound",
		input: func(in *ec2.DescribeRouteTablesInput) ec2Input {
			return ec2Input{&in.RouteTableIds, &in.Filters, &in.NextToken}
		},
		output: func(out *ec2.DescribeRouteTablesOutput) ec2Output[types.RouteTable] {
			return ec2Output[types.RouteTable]{&out.RouteTables, &out.NextToken}
		},
	}, func(t types.RouteTable) (*string, []types.Tag) { return t.RouteTableId, t.Tags },
		map[string]func(types.RouteTable) []string{"association.subnet-id": func(t types.RouteTable) (subnets []string) {
			for _, association := range t.Associations {
				subnets = append(subnets, aws.ToString(association.SubnetId))
			}
			return subnets
		}})

	addDescribe(operations, tokenTag, "DescribeAddresses", ec2Operation[ec2.DescribeAddressesInput, ec2.DescribeAddressesOutput, types.Address]{
		id: "allocation-id", label: "allocation ID", notFound: "InvalidAllocationID.NotFound",
		input: func(in *ec2.DescribeAddressesInput) ec2Input { return ec2Input{&in.AllocationIds, &in.Filters, nil} },
		output: func(out *ec2.DescribeAddressesOutput) ec2Output[types.Address] {
			return ec2Output[types.Address]{&out.Addresses, nil}
		},
	}, func(a types.Address) (*string, []types.Tag) { return a.AllocationId, a.Tags }, nil)

	addDescribe(operations, tokenTag, "DescribeNatGateways", ec2Operation[ec2.DescribeNatGatewaysInput, ec2.DescribeNatGatewaysOutput, types.NatGateway]{
		id: "nat-gateway-id", label: "NAT gateway ID", notFound: "NatGatewayNotFound",
		input: func(in *ec2.DescribeNatGatewaysInput) ec2Input {
			return ec2Input{&in.NatGatewayIds, &in.Filter, &in.NextToken}
		},
		output: func(out *ec2.DescribeNatGatewaysOutput) ec2Output[types.NatGateway] {
			return ec2Output[types.NatGateway]{&out.NatGateways, &out.NextToken}
		},
	}, func(g types.NatGateway) (*string, []types.Tag) { return g.NatGatewayId, g.Tags }, nil)

	addDescribe(operations, tokenTag, "DescribeVpcEndpoints", ec2Operation[ec2.DescribeVpcEndpointsInput, ec2.DescribeVpcEndpointsOutput, types.VpcEndpoint]{
		// EC2 has a filter by id here, but EC2-compatible servers such as moto do not know it.
		label: "VPC endpoint ID", notFound: "InvalidVpcEndpointId.NotFound",
		input: func(in *ec2.DescribeVpcEndpointsInput) ec2Input {
			return ec2Input{&in.VpcEndpointIds, &in.Filters, &in.NextToken}
		},
		output: func(out *ec2.DescribeVpcEndpointsOutput) ec2Output[types.VpcEndpoint] {
			return ec2Output[types.VpcEndpoint]{&out.VpcEndpoints, &out.NextToken}
		},
	}, func(e types.VpcEndpoint) (*string, []types.Tag) { return e.VpcEndpointId, e.Tags }, nil)

	addDescribe(operations, tokenTag, "DescribeSecurityGroups", ec2Operation[ec2.DescribeSecurityGroupsInput, ec2.DescribeSecurityGroupsOutput, types.SecurityGroup]{
		id: "group-id", label: "security group", notFound: "InvalidGroup.NotFound",
		input: func(in *ec2.DescribeSecurityGroupsInput) ec2Input {
			return ec2Input{&in.GroupIds, &in.Filters, &in.NextToken}
		},
		output: func(out *ec2.DescribeSecurityGroupsOutput) ec2Output[types.SecurityGroup] {
			return ec2Output[types.SecurityGroup]{&out.SecurityGroups, &out.NextToken}
		},
	}, func(g types.SecurityGroup) (*string, []types.Tag) { return g.GroupId, g.Tags },
		map[string]func(types.SecurityGroup) []string{"vpc-id": func(g types.SecurityGroup) []string { return []string{aws.ToString(g.VpcId)} }})

	addDescribe(operations, tokenTag, "DescribeNetworkInterfaces", ec2Operation[ec2.DescribeNetworkInterfacesInput, ec2.DescribeNetworkInterfacesOutput, types.NetworkInterface]{
		id: "network-interface-id", label: "networkInterface ID", notFound: "InvalidNetworkInterfaceID.NotFound",
		input: func(in *ec2.DescribeNetworkInterfacesInput) ec2Input {
			return ec2Input{&in.NetworkInterfaceIds, &in.Filters, &in.NextToken}
		},
		output: func(out *ec2.DescribeNetworkInterfacesOutput) ec2Output[types.NetworkInterface] {
			return ec2Output[types.NetworkInterface]{&out.NetworkInterfaces, &out.NextToken}
		},
	}, func(n types.NetworkInterface) (*string, []types.Tag) { return n.NetworkInterfaceId, n.TagSet },
		map[string]func(types.NetworkInterface) []string{"description": func(n types.NetworkInterface) []string { return []string{aws.ToString(n.Description)} }})

	addDescribe(operations, tokenTag, "DescribeVolumes", ec2Operation[ec2.DescribeVolumesInput, ec2.DescribeVolumesOutput, types.Volume]{
		id: "volume-id", label: "volume", notFound: "InvalidVolume.NotFound",
		input: func(in *ec2.DescribeVolumesInput) ec2Input {
			return ec2Input{&in.VolumeIds, &in.Filters, &in.NextToken}
		},
		output: func(out *ec2.DescribeVolumesOutput) ec2Output[types.Volume] {
			return ec2Output[types.Volume]{&out.Volumes, &out.NextToken}
		},
	}, func(v types.Volume) (*string, []types.Tag) { return v.VolumeId, v.Tags }, nil)

	addDescribe(operations, tokenTag, "DescribeLaunchTemplates", ec2Operation[ec2.DescribeLaunchTemplatesInput, ec2.DescribeLaunchTemplatesOutput, types.LaunchTemplate]{
		label: "launch template", notFound: "InvalidLaunchTemplateId.NotFound",
		input: func(in *ec2.DescribeLaunchTemplatesInput) ec2Input {
			return ec2Input{&in.LaunchTemplateIds, &in.Filters, &in.NextToken}
		},
		output: func(out *ec2.DescribeLaunchTemplatesOutput) ec2Output[types.LaunchTemplate] {
			return ec2Output[types.LaunchTemplate]{&out.LaunchTemplates, &out.NextToken}
		},
	}, func(t types.LaunchTemplate) (*string, []types.Tag) { return t.LaunchTemplateId, t.Tags }, nil)

	addDescribe(operations, tokenTag, "DescribeInstances", ec2Operation[ec2.DescribeInstancesInput, ec2.DescribeInstancesOutput, types.Reservation]{
		id: "instance-id", label: "instance ID", notFound: "InvalidInstanceID.NotFound",
		input: func(in *ec2.DescribeInstancesInput) ec2Input {
			return ec2Input{&in.InstanceIds, &in.Filters, &in.NextToken}
		},
		output: func(out *ec2.DescribeInstancesOutput) ec2Output[types.Reservation] {
			return ec2Output[types.Reservation]{&out.Reservations, &out.NextToken}
		},
		split: reservations,
	}, func(r types.Reservation) (*string, []types.Tag) {
		return r.Instances[0].InstanceId, r.Instances[0].Tags
	}, nil)
}

// reservations returns one reservation for each instance: of a reservation, AWS lists only the requested instances.
func reservations(r types.Reservation) []types.Reservation {
	var singles []types.Reservation
	for _, instance := range r.Instances {
		single := r
		single.Instances = []types.Instance{instance}
		singles = append(singles, single)
	}
	return singles
}
