package batch_test

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	autoscalingtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/machine"
	"github.com/skep-dev/skep/libs/aws/session"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

// resources holds the id of one resource of each type that services read in batches. The token of all of them is the
// name.
type resources map[string]string

// build creates one resource of each type.
func build(t *testing.T, config aws.Config, name string) resources {
	t.Helper()
	ctx, api := t.Context(), ec2.NewFromConfig(config)
	tags := func(key types.ResourceType) []types.TagSpecification {
		return session.Owner{Installation: "mine"}.EC2Tags(key, string(key), name)
	}
	r := resources{"intent": name}
	vpc, err := api.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16"), TagSpecifications: tags(types.ResourceTypeVpc)})
	require.NoError(t, err)
	r["vpc"] = *vpc.Vpc.VpcId
	time.Sleep(time.Minute)
	subnet, err := api.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: vpc.Vpc.VpcId, CidrBlock: aws.String("10.0.0.0/24"), AvailabilityZone: aws.String(region + "a"), TagSpecifications: tags(types.ResourceTypeSubnet)})
	require.NoError(t, err)
	r["subnet"] = *subnet.Subnet.SubnetId
	gateway, err := api.CreateInternetGateway(ctx, &ec2.CreateInternetGatewayInput{TagSpecifications: tags(types.ResourceTypeInternetGateway)})
	require.NoError(t, err)
	r["gateway"] = *gateway.InternetGateway.InternetGatewayId
	_, err = api.AttachInternetGateway(ctx, &ec2.AttachInternetGatewayInput{InternetGatewayId: gateway.InternetGateway.InternetGatewayId, VpcId: vpc.Vpc.VpcId})
	require.NoError(t, err)
	table, err := api.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{VpcId: vpc.Vpc.VpcId, TagSpecifications: tags(types.ResourceTypeRouteTable)})
	require.NoError(t, err)
	r["table"] = *table.RouteTable.RouteTableId
	_, err = api.AssociateRouteTable(ctx, &ec2.AssociateRouteTableInput{RouteTableId: table.RouteTable.RouteTableId, SubnetId: subnet.Subnet.SubnetId})
	require.NoError(t, err)
	_, err = api.CreateRoute(ctx, &ec2.CreateRouteInput{RouteTableId: table.RouteTable.RouteTableId, DestinationCidrBlock: aws.String("0.0.0.0/0"), GatewayId: gateway.InternetGateway.InternetGatewayId})
	require.NoError(t, err)
	address, err := api.AllocateAddress(ctx, &ec2.AllocateAddressInput{Domain: types.DomainTypeVpc, TagSpecifications: tags(types.ResourceTypeElasticIp)})
	require.NoError(t, err)
	r["address"] = *address.AllocationId
	nat, err := api.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{AllocationId: address.AllocationId, SubnetId: subnet.Subnet.SubnetId, TagSpecifications: tags(types.ResourceTypeNatgateway)})
	require.NoError(t, err)
	r["nat"] = *nat.NatGateway.NatGatewayId
	endpoint, err := api.CreateVpcEndpoint(ctx, &ec2.CreateVpcEndpointInput{
		VpcId: vpc.Vpc.VpcId, VpcEndpointType: types.VpcEndpointTypeGateway, ServiceName: aws.String("com.amazonaws." + region + ".s3"),
		TagSpecifications: tags(types.ResourceTypeVpcEndpoint),
	})
	require.NoError(t, err)
	r["endpoint"] = *endpoint.VpcEndpoint.VpcEndpointId
	group, err := api.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{VpcId: vpc.Vpc.VpcId, GroupName: aws.String(name), Description: aws.String("a test"), TagSpecifications: tags(types.ResourceTypeSecurityGroup)})
	require.NoError(t, err)
	r["group"] = *group.GroupId
	nic, err := api.CreateNetworkInterface(ctx, &ec2.CreateNetworkInterfaceInput{SubnetId: subnet.Subnet.SubnetId, TagSpecifications: tags(types.ResourceTypeNetworkInterface)})
	require.NoError(t, err)
	r["nic"] = *nic.NetworkInterface.NetworkInterfaceId
	volume, err := api.CreateVolume(ctx, &ec2.CreateVolumeInput{AvailabilityZone: aws.String(region + "a"), VolumeType: types.VolumeTypeGp3, Size: aws.Int32(10), TagSpecifications: tags(types.ResourceTypeVolume)})
	require.NoError(t, err)
	r["volume"] = *volume.VolumeId
	image, err := machine.ChooseImage(ctx, api, "", "m6i.large")
	require.NoError(t, err)
	instances, err := api.RunInstances(ctx, &ec2.RunInstancesInput{
		MinCount: aws.Int32(2), MaxCount: aws.Int32(2), ImageId: aws.String(image), InstanceType: types.InstanceTypeM6iLarge,
		SubnetId: subnet.Subnet.SubnetId, TagSpecifications: tags(types.ResourceTypeInstance),
	})
	require.NoError(t, err)
	r["instance"] = *instances.Instances[0].InstanceId
	template, err := api.CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: aws.String(name), TagSpecifications: tags(types.ResourceTypeLaunchTemplate),
		LaunchTemplateData: &types.RequestLaunchTemplateData{ImageId: aws.String(image), InstanceType: types.InstanceTypeM6iLarge},
	})
	require.NoError(t, err)
	r["template"] = *template.LaunchTemplate.LaunchTemplateId
	r["name"] = name
	_, err = autoscaling.NewFromConfig(config).CreateAutoScalingGroup(ctx, &autoscaling.CreateAutoScalingGroupInput{
		AutoScalingGroupName: aws.String(name), MinSize: aws.Int32(1), MaxSize: aws.Int32(1), VPCZoneIdentifier: subnet.Subnet.SubnetId,
		LaunchTemplate: &autoscalingtypes.LaunchTemplateSpecification{LaunchTemplateId: template.LaunchTemplate.LaunchTemplateId, Version: aws.String("1")},
	})
	require.NoError(t, err)
	balancers := elb.NewFromConfig(config)
	balancer, err := balancers.CreateLoadBalancer(ctx, &elb.CreateLoadBalancerInput{
		Name: aws.String(name), Type: elbtypes.LoadBalancerTypeEnumNetwork, Scheme: elbtypes.LoadBalancerSchemeEnumInternetFacing, Subnets: []string{r["subnet"]},
	})
	require.NoError(t, err)
	r["balancer"] = *balancer.LoadBalancers[0].LoadBalancerArn
	targets, err := balancers.CreateTargetGroup(ctx, &elb.CreateTargetGroupInput{Name: aws.String(name), VpcId: vpc.Vpc.VpcId, Protocol: elbtypes.ProtocolEnumTcp, Port: aws.Int32(6443)})
	require.NoError(t, err)
	r["targets"] = *targets.TargetGroups[0].TargetGroupArn
	time.Sleep(5 * time.Minute)
	return r
}

// absent returns resources that look like r and do not exist.
func (r resources) absent() resources {
	none := resources{}
	for key, id := range r {
		none[key] = id[:len(id)-1] + string("0123456789abcdef"[(strings.IndexByte("0123456789abcdef", id[len(id)-1])+1)%16])
	}
	none["intent"], none["name"] = "nowhere", "nowhere"
	return none
}

// read is one way to read resources.
type read struct {
	operation string
	ask       func(ctx context.Context, config aws.Config, of ...resources) (any, error)
	calls     int // the maximum for four readers
}

// ids returns the ids of one type.
func ids(key string, of []resources) (all []string) {
	for _, e := range of {
		all = append(all, e[key])
	}
	return all
}

// byFilter returns a filter for the ids of one type.
func byFilter(name, key string, of []resources) []types.Filter {
	return []types.Filter{{Name: aws.String(name), Values: ids(key, of)}}
}

func intents(of []resources) []types.Filter { return byFilter("tag:"+session.TagIntent, "intent", of) }

// describe is a read of EC2.
func describe[I, O any](operation string, call func(*ec2.Client, context.Context, *I, ...func(*ec2.Options)) (*O, error), in func(of []resources) *I) read {
	return read{operation: operation, calls: 1, ask: func(ctx context.Context, config aws.Config, of ...resources) (any, error) {
		return call(ec2.NewFromConfig(config), ctx, in(of))
	}}
}

// halved is the number of calls for four readers if the last one requests a resource that does not exist: one for
// all, one for the first two, and three for the other two.
const halved = 5

// listed is the same read by a list of ids.
func (r read) listed() read {
	r.calls = halved
	return r
}

// balance is a read of Elastic Load Balancing. It refuses a list with an id that does not exist, so batches are
// halved.
func balance[I, O any](operation string, call func(*elb.Client, context.Context, *I, ...func(*elb.Options)) (*O, error), in func(of []resources) *I) read {
	return read{operation: operation, calls: halved, ask: func(ctx context.Context, config aws.Config, of ...resources) (any, error) {
		return call(elb.NewFromConfig(config), ctx, in(of))
	}}
}

var readings = map[string]read{
	"VPCs": describe("DescribeVpcs", (*ec2.Client).DescribeVpcs, func(of []resources) *ec2.DescribeVpcsInput {
		return &ec2.DescribeVpcsInput{VpcIds: ids("vpc", of)}
	}),
	"VPCs by intent": describe("DescribeVpcs", (*ec2.Client).DescribeVpcs, func(of []resources) *ec2.DescribeVpcsInput {
		return &ec2.DescribeVpcsInput{Filters: intents(of)}
	}),
	"subnets": describe("DescribeSubnets", (*ec2.Client).DescribeSubnets, func(of []resources) *ec2.DescribeSubnetsInput {
		return &ec2.DescribeSubnetsInput{SubnetIds: ids("subnet", of)}
	}),
	"subnets by intent": describe("DescribeSubnets", (*ec2.Client).DescribeSubnets, func(of []resources) *ec2.DescribeSubnetsInput {
		return &ec2.DescribeSubnetsInput{Filters: intents(of)}
	}),
	"internet gateways": describe("DescribeInternetGateways", (*ec2.Client).DescribeInternetGateways, func(of []resources) *ec2.DescribeInternetGatewaysInput {
		return &ec2.DescribeInternetGatewaysInput{InternetGatewayIds: ids("gateway", of)}
	}),
	"internet gateways by intent": describe("DescribeInternetGateways", (*ec2.Client).DescribeInternetGateways, func(of []resources) *ec2.DescribeInternetGatewaysInput {
		return &ec2.DescribeInternetGatewaysInput{Filters: intents(of)}
	}),
	"route tables": describe("DescribeRouteTables", (*ec2.Client).DescribeRouteTables, func(of []resources) *ec2.DescribeRouteTablesInput {
		return &ec2.DescribeRouteTablesInput{RouteTableIds: ids("table", of)}
	}),
	"route tables by intent": describe("DescribeRouteTables", (*ec2.Client).DescribeRouteTables, func(of []resources) *ec2.DescribeRouteTablesInput {
		return &ec2.DescribeRouteTablesInput{Filters: intents(of)}
	}),
	"route tables by subnet": describe("DescribeRouteTables", (*ec2.Client).DescribeRouteTables, func(of []resources) *ec2.DescribeRouteTablesInput {
		return &ec2.DescribeRouteTablesInput{Filters: byFilter("association.subnet-id", "subnet", of)}
	}),
	"addresses": describe("DescribeAddresses", (*ec2.Client).DescribeAddresses, func(of []resources) *ec2.DescribeAddressesInput {
		return &ec2.DescribeAddressesInput{AllocationIds: ids("address", of)}
	}),
	"addresses by intent": describe("DescribeAddresses", (*ec2.Client).DescribeAddresses, func(of []resources) *ec2.DescribeAddressesInput {
		return &ec2.DescribeAddressesInput{Filters: intents(of)}
	}),
	"NAT gateways": describe("DescribeNatGateways", (*ec2.Client).DescribeNatGateways, func(of []resources) *ec2.DescribeNatGatewaysInput {
		return &ec2.DescribeNatGatewaysInput{NatGatewayIds: ids("nat", of)}
	}),
	"NAT gateways by intent": describe("DescribeNatGateways", (*ec2.Client).DescribeNatGateways, func(of []resources) *ec2.DescribeNatGatewaysInput {
		return &ec2.DescribeNatGatewaysInput{Filter: intents(of)}
	}),
	"endpoints": describe("DescribeVpcEndpoints", (*ec2.Client).DescribeVpcEndpoints, func(of []resources) *ec2.DescribeVpcEndpointsInput {
		return &ec2.DescribeVpcEndpointsInput{VpcEndpointIds: ids("endpoint", of)}
	}).listed(),
	"endpoints by intent": describe("DescribeVpcEndpoints", (*ec2.Client).DescribeVpcEndpoints, func(of []resources) *ec2.DescribeVpcEndpointsInput {
		return &ec2.DescribeVpcEndpointsInput{Filters: intents(of)}
	}),
	"security groups": describe("DescribeSecurityGroups", (*ec2.Client).DescribeSecurityGroups, func(of []resources) *ec2.DescribeSecurityGroupsInput {
		return &ec2.DescribeSecurityGroupsInput{GroupIds: ids("group", of)}
	}),
	"security groups by intent": describe("DescribeSecurityGroups", (*ec2.Client).DescribeSecurityGroups, func(of []resources) *ec2.DescribeSecurityGroupsInput {
		return &ec2.DescribeSecurityGroupsInput{Filters: intents(of)}
	}),
	"default groups of VPCs": describe("DescribeSecurityGroups", (*ec2.Client).DescribeSecurityGroups, func(of []resources) *ec2.DescribeSecurityGroupsInput {
		return &ec2.DescribeSecurityGroupsInput{Filters: append(byFilter("vpc-id", "vpc", of), types.Filter{Name: aws.String("group-name"), Values: []string{"default"}})}
	}),
	"network interfaces": describe("DescribeNetworkInterfaces", (*ec2.Client).DescribeNetworkInterfaces, func(of []resources) *ec2.DescribeNetworkInterfacesInput {
		return &ec2.DescribeNetworkInterfacesInput{NetworkInterfaceIds: ids("nic", of)}
	}),
	"network interfaces by intent": describe("DescribeNetworkInterfaces", (*ec2.Client).DescribeNetworkInterfaces, func(of []resources) *ec2.DescribeNetworkInterfacesInput {
		return &ec2.DescribeNetworkInterfacesInput{Filters: intents(of)}
	}),
	"volumes": describe("DescribeVolumes", (*ec2.Client).DescribeVolumes, func(of []resources) *ec2.DescribeVolumesInput {
		return &ec2.DescribeVolumesInput{VolumeIds: ids("volume", of)}
	}),
	"volumes by intent": describe("DescribeVolumes", (*ec2.Client).DescribeVolumes, func(of []resources) *ec2.DescribeVolumesInput {
		return &ec2.DescribeVolumesInput{Filters: intents(of)}
	}),
	"instances": describe("DescribeInstances", (*ec2.Client).DescribeInstances, func(of []resources) *ec2.DescribeInstancesInput {
		return &ec2.DescribeInstancesInput{InstanceIds: ids("instance", of)}
	}),
	"launch templates": describe("DescribeLaunchTemplates", (*ec2.Client).DescribeLaunchTemplates, func(of []resources) *ec2.DescribeLaunchTemplatesInput {
		return &ec2.DescribeLaunchTemplatesInput{LaunchTemplateIds: ids("template", of)}
	}).listed(),
	"launch templates by intent": describe("DescribeLaunchTemplates", (*ec2.Client).DescribeLaunchTemplates, func(of []resources) *ec2.DescribeLaunchTemplatesInput {
		return &ec2.DescribeLaunchTemplatesInput{Filters: intents(of)}
	}),
	"load balancers": balance("DescribeLoadBalancers", (*elb.Client).DescribeLoadBalancers, func(of []resources) *elb.DescribeLoadBalancersInput {
		return &elb.DescribeLoadBalancersInput{LoadBalancerArns: ids("balancer", of)}
	}),
	"load balancers by name": balance("DescribeLoadBalancers", (*elb.Client).DescribeLoadBalancers, func(of []resources) *elb.DescribeLoadBalancersInput {
		return &elb.DescribeLoadBalancersInput{Names: ids("name", of)}
	}),
	"target groups": balance("DescribeTargetGroups", (*elb.Client).DescribeTargetGroups, func(of []resources) *elb.DescribeTargetGroupsInput {
		return &elb.DescribeTargetGroupsInput{TargetGroupArns: ids("targets", of)}
	}),
	"target groups by name": balance("DescribeTargetGroups", (*elb.Client).DescribeTargetGroups, func(of []resources) *elb.DescribeTargetGroupsInput {
		return &elb.DescribeTargetGroupsInput{Names: ids("name", of)}
	}),
	"tags of load balancers": balance("DescribeTags", (*elb.Client).DescribeTags, func(of []resources) *elb.DescribeTagsInput {
		return &elb.DescribeTagsInput{ResourceArns: ids("balancer", of)}
	}),
	"auto scaling groups": {operation: "DescribeAutoScalingGroups", calls: 1, ask: func(ctx context.Context, config aws.Config, of ...resources) (any, error) {
		return autoscaling.NewFromConfig(config).DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: ids("name", of)})
	}},
}

func TestASharedReadReturnsWhatASeparateReadReturns(t *testing.T) {
	t.Parallel()
	inSession(t, func(t *testing.T, w *awssim.Simulation, s *session.Session) {
		one, two := build(t, w.Config(account, region), "one"), build(t, w.Config(account, region), "two")
		none := one.absent()
		for name, reading := range readings {
			readers := [][]resources{{one}, {two}, {one, two}, {none}}
			separate, shared := make([]string, len(readers)), make([]string, len(readers))
			for i, of := range readers {
				out, err := reading.ask(t.Context(), w.Config(account, region), of...)
				separate[i] = textOf(out, err)
			}
			w.ResetCalls()
			var wg sync.WaitGroup
			for i, of := range readers {
				wg.Go(func() {
					out, err := reading.ask(t.Context(), s.Config, of...)
					shared[i] = textOf(out, err)
				})
			}
			wg.Wait()
			require.Equal(t, separate, shared, name)
			require.NotEqual(t, separate[0], separate[1], name)
			require.LessOrEqual(t, w.CountCalls()[reading.operation], reading.calls, name)
		}
	})
}

// text returns the content of an answer, or its code. An empty list has two encodings.
func textOf(out any, err error) string {
	if err != nil {
		return "refused: " + errorclass.Code(err)
	}
	answer := reflect.New(reflect.TypeOf(out).Elem()).Elem()
	answer.Set(reflect.ValueOf(out).Elem())
	answer.FieldByName("ResultMetadata").SetZero()
	text, err := json.Marshal(answer.Interface())
	if err != nil {
		return err.Error()
	}
	return strings.ReplaceAll(string(text), ":[]", ":null")
}
