package aws_test

import (
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/require"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

func TestEveryResourceTypeSurvivesTheDeathOfTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "aws.journal")
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		open := func() *awssim.Simulation {
			w, err := awssim.New(awssim.Options{Journal: path})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, w.Close()) })
			return w
		}
		w := open()
		c, cfg := client(w), w.Config(account, region)
		s := buildSite(t, c)
		zone, err := w.PutHostedZone(account, "example.test")
		require.NoError(t, err)
		require.NoError(t, w.PutRole(account, "skep-network", "secret"))
		require.NoError(t, w.SetCapacity(region+"b", "m5.large", 0))
		_, err = route53.NewFromConfig(cfg).ChangeResourceRecordSets(ctx, batchOf(&zone, record(types.ChangeActionUpsert, "www.example.test", types.RRTypeA, "198.51.100.7")))
		require.NoError(t, err)
		createProfile(t, iam.NewFromConfig(cfg), "nodes")
		balancer, err := elb.NewFromConfig(cfg).CreateLoadBalancer(ctx, apiBalancer(s))
		require.NoError(t, err)
		group, err := elb.NewFromConfig(cfg).CreateTargetGroup(ctx, apiTargets(s))
		require.NoError(t, err)
		_, err = elb.NewFromConfig(cfg).CreateListener(ctx, &elb.CreateListenerInput{
			LoadBalancerArn: balancer.LoadBalancers[0].LoadBalancerArn, Port: aws.Int32(443), Protocol: elbtypes.ProtocolEnumTcp,
			DefaultActions: forwardTo(group.TargetGroups[0].TargetGroupArn),
		})
		require.NoError(t, err)
		workers := pool(s, createTemplate(t, c), 3)
		workers.TargetGroupARNs = []string{*group.TargetGroups[0].TargetGroupArn}
		_, err = autoscaling.NewFromConfig(cfg).CreateAutoScalingGroup(ctx, workers)
		require.NoError(t, err)
		eni, err := c.CreateNetworkInterface(ctx, &ec2.CreateNetworkInterfaceInput{SubnetId: aws.String(s.subnets[0]), Description: aws.String("etcd-0")})
		require.NoError(t, err)
		master := order(t, c, s, "one")
		master.SubnetId = nil
		master.NetworkInterfaces = []ec2types.InstanceNetworkInterfaceSpecification{{DeviceIndex: aws.Int32(0), NetworkInterfaceId: eni.NetworkInterface.NetworkInterfaceId}}
		master.BlockDeviceMappings = []ec2types.BlockDeviceMapping{{DeviceName: aws.String("/dev/xvdc"), Ebs: &ec2types.EbsBlockDevice{VolumeSize: aws.Int32(10), DeleteOnTermination: aws.Bool(false)}}}
		made, err := c.RunInstances(ctx, master)
		require.NoError(t, err)

		after := open()
		require.NotEmpty(t, after.String())
		require.Equal(t, w.String(), after.String())
		require.ElementsMatch(t, plain(w.Ledger()), plain(after.Ledger()))
		again, err := client(after).RunInstances(ctx, master)
		require.NoError(t, err)
		require.Equal(t, made.Instances[0].InstanceId, again.Instances[0].InstanceId)
		same, err := after.PutHostedZone(account, "example.test")
		require.NoError(t, err)
		require.Equal(t, zone, same)
		_, err = sts.NewFromConfig(after.Config(account, region)).AssumeRole(ctx, &sts.AssumeRoleInput{
			RoleArn: aws.String("arn:aws:iam::" + account + ":role/skep-network"), RoleSessionName: aws.String("test"), ExternalId: aws.String("secret"),
		})
		require.NoError(t, err)

		terminate(t, client(after), made.Instances[0].InstanceId)
		last := open() // the process before died while the instance was shutting down
		time.Sleep(awssim.Latency("Instance/deleted"))
		free, err := client(last).DescribeNetworkInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{NetworkInterfaceIds: []string{*eni.NetworkInterface.NetworkInterfaceId}})
		require.NoError(t, err)
		require.Equal(t, ec2types.NetworkInterfaceStatusAvailable, free.NetworkInterfaces[0].Status)
		disks, err := client(last).DescribeVolumes(ctx, &ec2.DescribeVolumesInput{Filters: []ec2types.Filter{{Name: aws.String("size"), Values: []string{"10"}}}})
		require.NoError(t, err)
		require.Equal(t, ec2types.VolumeStateAvailable, disks.Volumes[0].State)
		require.NotContains(t, last.String(), "(gone)")
	})
}
