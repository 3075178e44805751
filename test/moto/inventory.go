package moto

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"
)

// Inventory returns all resources in the account and region, read from moto by resource type.
func (a *Account) Inventory(t *testing.T) Inventory {
	t.Helper()
	all := slices.Concat(a.network(t), a.machines(t), a.groups(t), a.loadBalancing(t), a.zones(t), a.identity(t))
	slices.SortFunc(all, func(x, y Resource) int { return strings.Compare(x.String(), y.String()) })
	return all
}

// network returns the resources of networks. It omits deleted NAT gateways, which AWS still
// lists for an hour.
func (a *Account) network(t *testing.T) Inventory {
	t.Helper()
	api, ctx, found := ec2.NewFromConfig(a.Config), t.Context(), new(list)
	vpcs, err := api.DescribeVpcs(ctx, nil)
	require.NoError(t, err)
	for _, one := range vpcs.Vpcs {
		found.add("Vpc", one.VpcId, nil, one.Tags)
	}
	subnets, err := api.DescribeSubnets(ctx, nil)
	require.NoError(t, err)
	for _, one := range subnets.Subnets {
		found.add("Subnet", one.SubnetId, one.VpcId, one.Tags)
	}
	gateways, err := api.DescribeInternetGateways(ctx, nil)
	require.NoError(t, err)
	for _, one := range gateways.InternetGateways {
		found.add("InternetGateway", one.InternetGatewayId, nil, one.Tags)
	}
	nats, err := api.DescribeNatGateways(ctx, nil)
	require.NoError(t, err)
	for _, one := range nats.NatGateways {
		if one.State != types.NatGatewayStateDeleted {
			found.add("NatGateway", one.NatGatewayId, one.VpcId, one.Tags)
		}
	}
	addresses, err := api.DescribeAddresses(ctx, nil)
	require.NoError(t, err)
	for _, one := range addresses.Addresses {
		found.add("Address", one.AllocationId, nil, one.Tags)
	}
	tables, err := api.DescribeRouteTables(ctx, nil)
	require.NoError(t, err)
	for _, one := range tables.RouteTables {
		found.add("RouteTable", one.RouteTableId, one.VpcId, one.Tags)
	}
	groups, err := api.DescribeSecurityGroups(ctx, nil)
	require.NoError(t, err)
	for _, one := range groups.SecurityGroups {
		found.add("SecurityGroup", one.GroupId, one.VpcId, one.Tags)
	}
	endpoints, err := api.DescribeVpcEndpoints(ctx, nil)
	require.NoError(t, err)
	for _, one := range endpoints.VpcEndpoints {
		if !strings.EqualFold(string(one.State), string(types.StateDeleted)) {
			found.add("VpcEndpoint", one.VpcEndpointId, one.VpcId, one.Tags)
		}
	}
	return found.resources
}

// machines returns the instances that are not terminated, volumes, network interfaces and
// launch templates.
func (a *Account) machines(t *testing.T) Inventory {
	t.Helper()
	api, ctx, found := ec2.NewFromConfig(a.Config), t.Context(), new(list)

	// Terminated instances remain listed, so there may be several pages.
	for pages := ec2.NewDescribeInstancesPaginator(api, &ec2.DescribeInstancesInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		require.NoError(t, err)
		for _, reservation := range page.Reservations {
			for _, one := range reservation.Instances {
				if one.State.Name != types.InstanceStateNameTerminated {
					found.add("Instance", one.InstanceId, one.VpcId, one.Tags)
				}
			}
		}
	}
	volumes, err := api.DescribeVolumes(ctx, nil)
	require.NoError(t, err)
	for _, one := range volumes.Volumes {
		var instance *string
		for _, attachment := range one.Attachments {
			instance = attachment.InstanceId
		}
		found.add("Volume", one.VolumeId, instance, one.Tags)
	}
	existing, err := api.DescribeVpcs(ctx, nil)
	require.NoError(t, err)
	vpcs := make(map[string]bool, len(existing.Vpcs))
	for _, vpc := range existing.Vpcs {
		vpcs[aws.ToString(vpc.VpcId)] = true
	}
	interfaces, err := api.DescribeNetworkInterfaces(ctx, nil)
	require.NoError(t, err)
	for _, one := range interfaces.NetworkInterfaces {
		if len(one.TagSet) == 0 && !vpcs[aws.ToString(one.VpcId)] {
			continue // See Gaps: in AWS, the interface blocks the delete of its VPC.
		}
		found.add("NetworkInterface", one.NetworkInterfaceId, one.VpcId, one.TagSet)
	}
	templates, err := api.DescribeLaunchTemplates(ctx, nil)
	require.NoError(t, err)
	for _, one := range templates.LaunchTemplates {
		found.add("LaunchTemplate", one.LaunchTemplateId, nil, one.Tags)
	}
	return found.resources
}

// list collects EC2 resources.
type list struct{ resources Inventory }

func (l *list) add(resourceType string, id, parent *string, tags []types.Tag) {
	resource := Resource{Type: resourceType, ID: aws.ToString(id), Parent: aws.ToString(parent), Tags: make(map[string]string, len(tags))}
	for _, tag := range tags {
		resource.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	l.resources = append(l.resources, resource)
}
