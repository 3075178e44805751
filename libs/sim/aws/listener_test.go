package aws_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/stretchr/testify/require"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

func TestAListenerMovesToAnotherTargetGroupAndPort(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
		ctx := t.Context()
		client := elb.NewFromConfig(w.Config(account, region))
		s := buildSite(t, c)
		made, err := client.CreateLoadBalancer(ctx, apiBalancer(s))
		require.NoError(t, err)
		arn := made.LoadBalancers[0].LoadBalancerArn
		var groups []*string
		for _, name := range []string{"blue", "green"} {
			in := apiTargets(s)
			in.Name = aws.String(name)
			group, err := client.CreateTargetGroup(ctx, in)
			require.NoError(t, err)
			groups = append(groups, group.TargetGroups[0].TargetGroupArn)
		}
		listen := func(port int32, group *string) (*string, error) {
			out, err := client.CreateListener(ctx, &elb.CreateListenerInput{LoadBalancerArn: arn, Port: &port, Protocol: types.ProtocolEnumTcp, DefaultActions: forwardTo(group)})
			if err != nil {
				return nil, err
			}
			return out.Listeners[0].ListenerArn, nil
		}
		first, err := listen(443, groups[0])
		require.NoError(t, err)
		_, err = listen(6443, groups[0])
		require.NoError(t, err)
		_, err = client.ModifyListener(ctx, &elb.ModifyListenerInput{ListenerArn: first, Port: aws.Int32(6443)})
		refused(t, "DuplicateListener", err)
		_, err = client.ModifyListener(ctx, &elb.ModifyListenerInput{ListenerArn: first, Port: aws.Int32(8443), DefaultActions: forwardTo(groups[1])})
		require.NoError(t, err)
		out, err := client.DescribeListeners(ctx, &elb.DescribeListenersInput{LoadBalancerArn: arn})
		require.NoError(t, err)
		require.Len(t, out.Listeners, 2)
		require.Equal(t, int32(8443), *out.Listeners[0].Port)
		_, err = client.DeleteListener(ctx, &elb.DeleteListenerInput{ListenerArn: first})
		require.NoError(t, err)
		_, err = client.DeleteListener(ctx, &elb.DeleteListenerInput{ListenerArn: first})
		refused(t, "ListenerNotFound", err)
	})
}

func TestAnAttachedTargetGroupGetsTheInstancesOfAGroup(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
		ctx := t.Context()
		client, pools := elb.NewFromConfig(w.Config(account, region)), autoscaling.NewFromConfig(w.Config(account, region))
		s := buildSite(t, c)
		_, err := pools.CreateAutoScalingGroup(ctx, pool(s, createTemplate(t, c), 2))
		require.NoError(t, err)
		group, err := client.CreateTargetGroup(ctx, apiTargets(s))
		require.NoError(t, err)
		tg := group.TargetGroups[0].TargetGroupArn
		_, err = client.ModifyTargetGroupAttributes(ctx, &elb.ModifyTargetGroupAttributesInput{TargetGroupArn: tg, Attributes: []types.TargetGroupAttribute{
			{Key: aws.String("deregistration_delay.timeout_seconds"), Value: aws.String("5")},
		}})
		require.NoError(t, err)
		_, err = pools.AttachLoadBalancerTargetGroups(ctx, &autoscaling.AttachLoadBalancerTargetGroupsInput{AutoScalingGroupName: aws.String("workers"), TargetGroupARNs: []string{*tg}})
		require.NoError(t, err)
		registered := func() int {
			out, err := client.DescribeTargetHealth(ctx, &elb.DescribeTargetHealthInput{TargetGroupArn: tg})
			require.NoError(t, err)
			return len(out.TargetHealthDescriptions)
		}
		require.Equal(t, 2, registered())
		_, err = pools.SetDesiredCapacity(ctx, &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: aws.String("workers"), DesiredCapacity: aws.Int32(1)})
		require.NoError(t, err)
		time.Sleep(5 * time.Second)
		require.Equal(t, 1, registered())
	})
}

func TestALoadBalancerHoldsItsElasticAddresses(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
		ctx := t.Context()
		client := elb.NewFromConfig(w.Config(account, region))
		s := buildSite(t, c)
		address, err := c.AllocateAddress(ctx, &ec2.AllocateAddressInput{})
		require.NoError(t, err)
		in := apiBalancer(s)
		in.Subnets, in.SubnetMappings = nil, []types.SubnetMapping{{SubnetId: aws.String(s.subnets[0]), AllocationId: address.AllocationId}}
		made, err := client.CreateLoadBalancer(ctx, in)
		require.NoError(t, err)
		same, err := client.CreateLoadBalancer(ctx, in)
		require.NoError(t, err)
		require.Equal(t, made.LoadBalancers[0].LoadBalancerArn, same.LoadBalancers[0].LoadBalancerArn)
		require.Equal(t, address.PublicIp, made.LoadBalancers[0].AvailabilityZones[0].LoadBalancerAddresses[0].IpAddress)
		in.Name = aws.String("thief")
		_, err = client.CreateLoadBalancer(ctx, in)
		refused(t, "ResourceInUse", err)
		_, err = c.ReleaseAddress(ctx, &ec2.ReleaseAddressInput{AllocationId: address.AllocationId})
		refused(t, "InvalidIPAddress.InUse", err)
		_, err = client.DeleteLoadBalancer(ctx, &elb.DeleteLoadBalancerInput{LoadBalancerArn: made.LoadBalancers[0].LoadBalancerArn})
		require.NoError(t, err)
		time.Sleep(awssim.Latency("LoadBalancer/released"))
		_, err = c.ReleaseAddress(ctx, &ec2.ReleaseAddressInput{AllocationId: address.AllocationId})
		require.NoError(t, err)
		s.tearDown(t, c)
		require.Empty(t, w.String())
	})
}
