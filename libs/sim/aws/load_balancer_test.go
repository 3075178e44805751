package aws_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/stretchr/testify/require"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

func apiBalancer(s site, groups ...string) *elb.CreateLoadBalancerInput {
	return &elb.CreateLoadBalancerInput{
		Name: aws.String("orchid-api"), Type: types.LoadBalancerTypeEnumNetwork, Scheme: types.LoadBalancerSchemeEnumInternetFacing,
		Subnets: s.subnets, SecurityGroups: groups, Tags: []types.Tag{{Key: aws.String("Name"), Value: aws.String("orchid-api")}},
	}
}

func apiTargets(s site) *elb.CreateTargetGroupInput {
	return &elb.CreateTargetGroupInput{
		Name: aws.String("orchid-api"), VpcId: s.vpc, Protocol: types.ProtocolEnumTcp, Port: aws.Int32(6443), TargetType: types.TargetTypeEnumInstance,
		HealthCheckProtocol: types.ProtocolEnumHttps, HealthCheckPath: aws.String("/readyz"), HealthCheckIntervalSeconds: aws.Int32(10),
	}
}

func forwardTo(arn *string) []types.Action {
	return []types.Action{{Type: types.ActionTypeEnumForward, TargetGroupArn: arn}}
}

func TestALoadBalancerBlocksItsNetworkUntilItIsGone(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
		ctx := t.Context()
		client := elb.NewFromConfig(w.Config(account, region))
		s := buildSite(t, c)
		sg, err := c.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{VpcId: s.vpc, GroupName: aws.String("lb"), Description: aws.String("lb")})
		require.NoError(t, err)
		made, err := client.CreateLoadBalancer(ctx, apiBalancer(s, *sg.GroupId))
		require.NoError(t, err)
		arn := made.LoadBalancers[0].LoadBalancerArn
		require.Equal(t, types.LoadBalancerStateEnumProvisioning, made.LoadBalancers[0].State.Code)
		again, err := client.CreateLoadBalancer(ctx, apiBalancer(s, *sg.GroupId))
		require.NoError(t, err)
		require.Equal(t, arn, again.LoadBalancers[0].LoadBalancerArn)
		_, err = client.CreateLoadBalancer(ctx, apiBalancer(s))
		refused(t, "DuplicateLoadBalancerName", err)

		group, err := client.CreateTargetGroup(ctx, apiTargets(s))
		require.NoError(t, err)
		tg := group.TargetGroups[0].TargetGroupArn
		changed := apiTargets(s)
		changed.Port = aws.Int32(443)
		_, err = client.CreateTargetGroup(ctx, changed)
		refused(t, "DuplicateTargetGroupName", err)
		listen := &elb.CreateListenerInput{LoadBalancerArn: arn, Port: aws.Int32(443), Protocol: types.ProtocolEnumTcp, DefaultActions: forwardTo(tg)}
		listener, err := client.CreateListener(ctx, listen)
		require.NoError(t, err)
		same, err := client.CreateListener(ctx, listen)
		require.NoError(t, err)
		require.Equal(t, listener.Listeners[0].ListenerArn, same.Listeners[0].ListenerArn)
		changed.Name = aws.String("other")
		changed.Port = aws.Int32(6443)
		other, err := client.CreateTargetGroup(ctx, changed)
		require.NoError(t, err)
		listen.DefaultActions = forwardTo(other.TargetGroups[0].TargetGroupArn)
		_, err = client.CreateListener(ctx, listen)
		refused(t, "DuplicateListener", err)
		_, err = client.DeleteTargetGroup(ctx, &elb.DeleteTargetGroupInput{TargetGroupArn: other.TargetGroups[0].TargetGroupArn})
		require.NoError(t, err)

		require.NoError(t, elb.NewLoadBalancerAvailableWaiter(client).Wait(ctx, &elb.DescribeLoadBalancersInput{Names: []string{"orchid-api"}}, 5*time.Minute))
		_, err = client.ModifyLoadBalancerAttributes(ctx, &elb.ModifyLoadBalancerAttributesInput{LoadBalancerArn: arn, Attributes: []types.LoadBalancerAttribute{
			{Key: aws.String("deletion_protection.enabled"), Value: aws.String("true")},
		}})
		require.NoError(t, err)
		_, err = client.ModifyLoadBalancerAttributes(ctx, &elb.ModifyLoadBalancerAttributesInput{LoadBalancerArn: arn, Attributes: []types.LoadBalancerAttribute{
			{Key: aws.String("colour"), Value: aws.String("red")},
		}})
		refused(t, "ValidationError", err)
		_, err = client.DeleteLoadBalancer(ctx, &elb.DeleteLoadBalancerInput{LoadBalancerArn: arn})
		refused(t, "OperationNotPermitted", err)
		_, err = client.ModifyLoadBalancerAttributes(ctx, &elb.ModifyLoadBalancerAttributesInput{LoadBalancerArn: arn, Attributes: []types.LoadBalancerAttribute{
			{Key: aws.String("deletion_protection.enabled"), Value: aws.String("false")},
		}})
		require.NoError(t, err)

		_, err = client.DeleteTargetGroup(ctx, &elb.DeleteTargetGroupInput{TargetGroupArn: tg})
		refused(t, "ResourceInUse", err)
		held := func() {
			_, err := c.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: aws.String(s.subnets[0])})
			refused(t, "DependencyViolation", err)
			_, err = c.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: sg.GroupId})
			refused(t, "DependencyViolation", err)
			_, err = c.DetachInternetGateway(ctx, &ec2.DetachInternetGatewayInput{InternetGatewayId: s.gateway, VpcId: s.vpc})
			refused(t, "DependencyViolation", err)
		}
		held()
		enis, err := c.DescribeNetworkInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{Filters: []ec2types.Filter{{Name: aws.String("description"), Values: []string{"ELB net/orchid-api/*"}}}})
		require.NoError(t, err)
		require.Len(t, enis.NetworkInterfaces, 3)
		_, err = c.DeleteNetworkInterface(ctx, &ec2.DeleteNetworkInterfaceInput{NetworkInterfaceId: enis.NetworkInterfaces[0].NetworkInterfaceId})
		refused(t, "OperationNotPermitted", err)

		_, err = client.DeleteLoadBalancer(ctx, &elb.DeleteLoadBalancerInput{LoadBalancerArn: arn})
		require.NoError(t, err)
		_, err = client.DeleteLoadBalancer(ctx, &elb.DeleteLoadBalancerInput{LoadBalancerArn: arn})
		require.NoError(t, err, "deleting twice is no error")
		_, err = client.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{Names: []string{"orchid-api"}})
		refused(t, "LoadBalancerNotFound", err)
		held()
		time.Sleep(awssim.Latency("LoadBalancer/released"))
		_, err = client.DeleteTargetGroup(ctx, &elb.DeleteTargetGroupInput{TargetGroupArn: tg})
		require.NoError(t, err)
		_, err = c.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: sg.GroupId})
		require.NoError(t, err)
		s.tearDown(t, c)
		require.Empty(t, w.String())
	})
}

func TestTargetsBecomeHealthyAfterTheyHaveBooted(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
		ctx := t.Context()
		client, groups := elb.NewFromConfig(w.Config(account, region)), autoscaling.NewFromConfig(w.Config(account, region))
		s := buildSite(t, c)
		group, err := client.CreateTargetGroup(ctx, apiTargets(s))
		require.NoError(t, err)
		tg := group.TargetGroups[0].TargetGroupArn
		states := func() (states []types.TargetHealthStateEnum) {
			out, err := client.DescribeTargetHealth(ctx, &elb.DescribeTargetHealthInput{TargetGroupArn: tg})
			require.NoError(t, err)
			for _, d := range out.TargetHealthDescriptions {
				states = append(states, d.TargetHealth.State)
			}
			return states
		}
		in := pool(s, createTemplate(t, c), 1)
		in.TargetGroupARNs = []string{*tg}
		_, err = groups.CreateAutoScalingGroup(ctx, in)
		require.NoError(t, err)
		require.Equal(t, []types.TargetHealthStateEnum{types.TargetHealthStateEnumUnused}, states())

		made, err := client.CreateLoadBalancer(ctx, apiBalancer(s))
		require.NoError(t, err)
		_, err = client.CreateListener(ctx, &elb.CreateListenerInput{
			LoadBalancerArn: made.LoadBalancers[0].LoadBalancerArn, Port: aws.Int32(443), Protocol: types.ProtocolEnumTcp, DefaultActions: forwardTo(tg),
		})
		require.NoError(t, err)
		require.Equal(t, []types.TargetHealthStateEnum{types.TargetHealthStateEnumInitial}, states())
		time.Sleep(awssim.Latency("Instance/running") + awssim.Latency("Instance/booted"))
		require.Equal(t, []types.TargetHealthStateEnum{types.TargetHealthStateEnumInitial}, states())
		time.Sleep(10 * time.Second)
		require.Equal(t, []types.TargetHealthStateEnum{types.TargetHealthStateEnumHealthy}, states())

		_, err = groups.DetachLoadBalancerTargetGroups(ctx, &autoscaling.DetachLoadBalancerTargetGroupsInput{AutoScalingGroupName: aws.String("workers"), TargetGroupARNs: []string{*tg}})
		require.NoError(t, err)
		require.Equal(t, []types.TargetHealthStateEnum{types.TargetHealthStateEnumDraining}, states())
		time.Sleep(5 * time.Minute)
		require.Empty(t, states())
		_, err = client.RegisterTargets(ctx, &elb.RegisterTargetsInput{TargetGroupArn: tg, Targets: []types.TargetDescription{{Id: aws.String("i-00000000000000000")}}})
		refused(t, "InvalidTarget", err)
		id := members(t, groups)[0].InstanceId
		_, err = client.RegisterTargets(ctx, &elb.RegisterTargetsInput{TargetGroupArn: tg, Targets: []types.TargetDescription{{Id: id}}})
		require.NoError(t, err)
		require.Equal(t, []types.TargetHealthStateEnum{types.TargetHealthStateEnumInitial}, states())
		time.Sleep(10 * time.Second)
		require.Equal(t, []types.TargetHealthStateEnum{types.TargetHealthStateEnumHealthy}, states())
		_, err = client.DeregisterTargets(ctx, &elb.DeregisterTargetsInput{TargetGroupArn: tg, Targets: []types.TargetDescription{{Id: id}}})
		require.NoError(t, err)
		require.Equal(t, []types.TargetHealthStateEnum{types.TargetHealthStateEnumDraining}, states())
	})
}

func TestALoadBalancerRefusesUnsuitableSubnets(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
		client := elb.NewFromConfig(w.Config(account, region))
		s := buildSite(t, c)
		_, err := c.DetachInternetGateway(t.Context(), &ec2.DetachInternetGatewayInput{InternetGatewayId: s.gateway, VpcId: s.vpc})
		require.NoError(t, err)
		for _, test := range []struct {
			name, code string
			change     func(*elb.CreateLoadBalancerInput)
		}{
			{"VPC without internet gateway", "InvalidSubnet", func(*elb.CreateLoadBalancerInput) {}},
			{"name of 33 characters", "ValidationError", func(in *elb.CreateLoadBalancerInput) { in.Name = aws.String("abcdefghijklmnopqrstuvwxyz0123456") }},
			{"name with a dot", "ValidationError", func(in *elb.CreateLoadBalancerInput) { in.Name = aws.String("orchid.api") }},
			{"no subnet", "ValidationError", func(in *elb.CreateLoadBalancerInput) { in.Subnets = nil }},
			{"subnet that is not there", "SubnetNotFound", func(in *elb.CreateLoadBalancerInput) { in.Subnets = []string{"subnet-00000000000000000"} }},
			{"two subnets in a zone", "InvalidConfigurationRequest", func(in *elb.CreateLoadBalancerInput) { in.Subnets = []string{s.subnets[0], s.subnets[0]} }},
			{"group that is not there", "InvalidConfigurationRequest", func(in *elb.CreateLoadBalancerInput) {
				in.Scheme, in.SecurityGroups = types.LoadBalancerSchemeEnumInternal, []string{"sg-00000000000000000"}
			}},
		} {
			in := apiBalancer(s)
			test.change(in)
			_, err := client.CreateLoadBalancer(t.Context(), in, func(o *elb.Options) { o.RetryMaxAttempts = 1 })
			t.Log(test.name)
			refused(t, test.code, err)
		}
	})
}

func TestTagsOfLoadBalancersAreReadTwentyAtATime(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
		ctx := t.Context()
		client := elb.NewFromConfig(w.Config(account, region))
		s := buildSite(t, c)
		made, err := client.CreateLoadBalancer(ctx, apiBalancer(s))
		require.NoError(t, err)
		arn := *made.LoadBalancers[0].LoadBalancerArn
		_, err = client.AddTags(ctx, &elb.AddTagsInput{ResourceArns: []string{arn}, Tags: []types.Tag{{Key: aws.String("tier"), Value: aws.String("gold")}}})
		require.NoError(t, err)
		_, err = client.RemoveTags(ctx, &elb.RemoveTagsInput{ResourceArns: []string{arn}, TagKeys: []string{"Name"}})
		require.NoError(t, err)
		out, err := client.DescribeTags(ctx, &elb.DescribeTagsInput{ResourceArns: []string{arn}})
		require.NoError(t, err)
		require.Len(t, out.TagDescriptions[0].Tags, 1)
		require.Equal(t, "gold", *out.TagDescriptions[0].Tags[0].Value)
		_, err = client.DescribeTags(ctx, &elb.DescribeTagsInput{ResourceArns: make([]string, 21)})
		refused(t, "ValidationError", err)
	})
}
