package aws_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/stretchr/testify/require"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

func createTemplate(t *testing.T, c *ec2.Client) *string {
	t.Helper()
	template, err := c.CreateLaunchTemplate(t.Context(), &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: aws.String("workers"),
		LaunchTemplateData: &ec2types.RequestLaunchTemplateData{ImageId: imageFor(t, c, "x86_64"), InstanceType: ec2types.InstanceTypeM5Large},
	})
	require.NoError(t, err)
	return template.LaunchTemplate.LaunchTemplateId
}

func pool(s site, template *string, size int32) *autoscaling.CreateAutoScalingGroupInput {
	return &autoscaling.CreateAutoScalingGroupInput{
		AutoScalingGroupName: aws.String("workers"), MinSize: aws.Int32(0), MaxSize: aws.Int32(10), DesiredCapacity: aws.Int32(size),
		LaunchTemplate:    &types.LaunchTemplateSpecification{LaunchTemplateId: template, Version: aws.String("$Latest")},
		VPCZoneIdentifier: aws.String(strings.Join(s.subnets, ",")), HealthCheckType: aws.String("EC2"),
		Tags: []types.Tag{
			{Key: aws.String("Name"), Value: aws.String("orchid-workers"), PropagateAtLaunch: aws.Bool(true)},
			{Key: aws.String("internal"), Value: aws.String("yes"), PropagateAtLaunch: aws.Bool(false)},
		},
	}
}

func members(t *testing.T, c *autoscaling.Client) []types.Instance {
	t.Helper()
	out, err := c.DescribeAutoScalingGroups(t.Context(), &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{"workers"}})
	require.NoError(t, err)
	require.Len(t, out.AutoScalingGroups, 1)
	return out.AutoScalingGroups[0].Instances
}

func TestAGroupLaunchesSpreadsReplacesAndTerminates(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
		ctx := t.Context()
		groups := autoscaling.NewFromConfig(w.Config(account, region))
		s := buildSite(t, c)
		template := createTemplate(t, c)
		_, err := groups.CreateAutoScalingGroup(ctx, pool(s, template, 3))
		require.NoError(t, err)
		_, err = groups.CreateAutoScalingGroup(ctx, pool(s, template, 3))
		refused(t, "AlreadyExists", err)

		zones := map[string]int{}
		for _, i := range members(t, groups) {
			zones[*i.AvailabilityZone]++
			require.Equal(t, types.LifecycleStatePending, i.LifecycleState)
		}
		require.Equal(t, map[string]int{region + "a": 1, region + "b": 1, region + "c": 1}, zones)
		time.Sleep(awssim.Latency("Instance/running") + awssim.Latency("Instance/booted"))
		first := members(t, groups)[0]
		require.Equal(t, types.LifecycleStateInService, first.LifecycleState)
		of := map[string]string{}
		for _, tag := range instanceOf(t, c, first.InstanceId).Tags {
			of[*tag.Key] = *tag.Value
		}
		require.Equal(t, "workers", of["aws:autoscaling:groupName"])
		require.Equal(t, "orchid-workers", of["Name"])
		require.NotContains(t, of, "internal")

		terminate(t, c, first.InstanceId)
		replaced := members(t, groups)
		require.Len(t, replaced, 4)
		time.Sleep(awssim.Latency("Instance/deleted"))
		require.Len(t, members(t, groups), 3)

		_, err = groups.SetDesiredCapacity(ctx, &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: aws.String("workers"), DesiredCapacity: aws.Int32(11)})
		refused(t, "ValidationError", err)
		_, err = groups.SetDesiredCapacity(ctx, &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: aws.String("workers"), DesiredCapacity: aws.Int32(1)})
		require.NoError(t, err)
		time.Sleep(awssim.Latency("Instance/deleted"))
		require.Len(t, members(t, groups), 1)

		doomed := &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: aws.String("workers")}
		_, err = groups.DeleteAutoScalingGroup(ctx, doomed)
		refused(t, "ResourceInUse", err)
		_, err = groups.UpdateAutoScalingGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: aws.String("workers"), MaxSize: aws.Int32(0)})
		require.NoError(t, err)
		_, err = groups.DeleteAutoScalingGroup(ctx, doomed)
		refused(t, "ScalingActivityInProgress", err)
		doomed.ForceDelete = aws.Bool(true)
		_, err = groups.DeleteAutoScalingGroup(ctx, doomed)
		require.NoError(t, err)
		dying, err := groups.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{Filters: []types.Filter{{Name: aws.String("tag:Name"), Values: []string{"orchid-workers"}}}})
		require.NoError(t, err)
		require.Equal(t, "Delete in progress", *dying.AutoScalingGroups[0].Status)
		time.Sleep(awssim.Latency("Instance/deleted"))
		gone, err := groups.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{})
		require.NoError(t, err)
		require.Empty(t, gone.AutoScalingGroups)

		_, err = c.DeleteLaunchTemplate(ctx, &ec2.DeleteLaunchTemplateInput{LaunchTemplateId: template})
		require.NoError(t, err)
		s.tearDown(t, c)
		require.Empty(t, w.String())
	})
}

func TestAGroupUsesOtherTypesAndZonesWithoutCapacity(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
		groups := autoscaling.NewFromConfig(w.Config(account, region))
		s := buildSite(t, c)
		in := pool(s, nil, 2)
		in.LaunchTemplate, in.MixedInstancesPolicy = nil, &types.MixedInstancesPolicy{
			LaunchTemplate: &types.LaunchTemplate{
				LaunchTemplateSpecification: &types.LaunchTemplateSpecification{LaunchTemplateId: createTemplate(t, c)},
				Overrides:                   []types.LaunchTemplateOverrides{{InstanceType: aws.String("m5.large")}, {InstanceType: aws.String("m6i.large")}},
			},
			InstancesDistribution: &types.InstancesDistribution{OnDemandBaseCapacity: aws.Int32(1), OnDemandPercentageAboveBaseCapacity: aws.Int32(0)},
		}
		require.NoError(t, w.SetCapacity(region+"a", "m5.large", 0))
		for _, zone := range []string{"b", "c"} {
			for _, name := range []string{"m5.large", "m6i.large"} {
				require.NoError(t, w.SetCapacity(region+zone, name, 0))
			}
		}
		require.NoError(t, w.SetCapacity(region+"a", "m6i.large", 1))
		_, err := groups.CreateAutoScalingGroup(t.Context(), in)
		require.NoError(t, err)
		made := members(t, groups)
		require.Len(t, made, 1)
		require.Equal(t, "m6i.large", *made[0].InstanceType)
		activities, err := groups.DescribeScalingActivities(t.Context(), &autoscaling.DescribeScalingActivitiesInput{AutoScalingGroupName: aws.String("workers")})
		require.NoError(t, err)
		require.Contains(t, *activities.Activities[0].StatusMessage, "InsufficientInstanceCapacity")

		require.NoError(t, w.SetCapacity(region+"c", "m5.large", 5))
		made = members(t, groups)
		require.Len(t, made, 2)
		require.Equal(t, region+"c", *made[1].AvailabilityZone)
		require.Equal(t, ec2types.InstanceLifecycleTypeSpot, instanceOf(t, c, made[1].InstanceId).InstanceLifecycle)
	})
}

func TestASuspendedGroupDoesNotLaunch(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
		groups := autoscaling.NewFromConfig(w.Config(account, region))
		s := buildSite(t, c)
		_, err := groups.CreateAutoScalingGroup(t.Context(), pool(s, createTemplate(t, c), 2))
		require.NoError(t, err)
		processes := &autoscaling.SuspendProcessesInput{AutoScalingGroupName: aws.String("workers"), ScalingProcesses: []string{"Launch"}}
		_, err = groups.SuspendProcesses(t.Context(), processes)
		require.NoError(t, err)
		_, err = groups.TerminateInstanceInAutoScalingGroup(t.Context(), &autoscaling.TerminateInstanceInAutoScalingGroupInput{
			InstanceId: members(t, groups)[0].InstanceId, ShouldDecrementDesiredCapacity: aws.Bool(false),
		})
		require.NoError(t, err)
		time.Sleep(awssim.Latency("Instance/deleted"))
		require.Len(t, members(t, groups), 1)
		_, err = groups.ResumeProcesses(t.Context(), &autoscaling.ResumeProcessesInput{AutoScalingGroupName: aws.String("workers")})
		require.NoError(t, err)
		require.Len(t, members(t, groups), 2)
	})
}

func TestAGroupRefusesSettingsThatConflict(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
		groups := autoscaling.NewFromConfig(w.Config(account, region))
		s := buildSite(t, c)
		template := createTemplate(t, c)
		for name, change := range map[string]func(*autoscaling.CreateAutoScalingGroupInput){
			"more at least than at most": func(in *autoscaling.CreateAutoScalingGroupInput) { in.MinSize = aws.Int32(20) },
			"more desired than at most":  func(in *autoscaling.CreateAutoScalingGroupInput) { in.DesiredCapacity = aws.Int32(20) },
			"no template":                func(in *autoscaling.CreateAutoScalingGroupInput) { in.LaunchTemplate = nil },
			"template that is not there": func(in *autoscaling.CreateAutoScalingGroupInput) {
				in.LaunchTemplate.LaunchTemplateId = aws.String("lt-00000000000000000")
			},
			"subnet that is not there": func(in *autoscaling.CreateAutoScalingGroupInput) {
				in.VPCZoneIdentifier = aws.String("subnet-00000000000000000")
			},
			"target group that is not there": func(in *autoscaling.CreateAutoScalingGroupInput) { in.TargetGroupARNs = []string{"arn"} },
			"name with a slash":              func(in *autoscaling.CreateAutoScalingGroupInput) { in.AutoScalingGroupName = aws.String("a/b") },
			"tags that are reserved for AWS": func(in *autoscaling.CreateAutoScalingGroupInput) { in.Tags[0].Key = aws.String("aws:mine") },
		} {
			in := pool(s, template, 1)
			change(in)
			_, err := groups.CreateAutoScalingGroup(t.Context(), in)
			t.Log(name)
			refused(t, "ValidationError", err)
		}
		_, err := groups.DeleteAutoScalingGroup(t.Context(), &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: aws.String("nothing")})
		refused(t, "ValidationError", err)
	})
}

func TestAGroupRetriesAFailedLaunch(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
		groups, identities := autoscaling.NewFromConfig(w.Config(account, region)), iam.NewFromConfig(w.Config(account, region))
		s := buildSite(t, c)
		createProfile(t, identities, "workers")
		template, err := c.CreateLaunchTemplate(t.Context(), &ec2.CreateLaunchTemplateInput{
			LaunchTemplateName: aws.String("workers"),
			LaunchTemplateData: &ec2types.RequestLaunchTemplateData{
				ImageId: imageFor(t, c, "x86_64"), InstanceType: ec2types.InstanceTypeM5Large,
				IamInstanceProfile: &ec2types.LaunchTemplateIamInstanceProfileSpecificationRequest{Name: aws.String("workers")},
			},
		})
		require.NoError(t, err)
		// EC2 does not know the profile yet.
		_, err = groups.CreateAutoScalingGroup(t.Context(), pool(s, template.LaunchTemplate.LaunchTemplateId, 2))
		require.NoError(t, err)
		require.Empty(t, members(t, groups))

		time.Sleep(time.Minute)
		require.Len(t, members(t, groups), 2)
	})
}
