package autoscaling

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
	"github.com/skep-dev/skep/libs/sim/aws/internal/instance"
	"github.com/skep-dev/skep/libs/sim/aws/internal/vpc"
)

func handleDescribe(s *engine.Service) {
	engine.Handle(s, "DescribeAutoScalingGroups", engine.Fields{"AutoScalingGroupNames", "Filters", "MaxRecords", "NextToken"}, describeAutoScalingGroups)
	engine.Handle(s, "DescribeScalingActivities", engine.Fields{"AutoScalingGroupName"}, describeScalingActivities)
}

// describeAutoScalingGroups omits names that do not exist.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingGroups.html
func describeAutoScalingGroups(c *engine.Call, in *autoscaling.DescribeAutoScalingGroupsInput) (*autoscaling.DescribeAutoScalingGroupsOutput, error) {
	resources := groups.List(c)
	if len(in.AutoScalingGroupNames) > 0 {
		resources = slices.DeleteFunc(resources, func(r *engine.Resource[group]) bool {
			return !slices.Contains(in.AutoScalingGroupNames, r.ID)
		})
	}
	for _, filter := range in.Filters {
		name, wanted := aws.ToString(filter.Name), engine.Matcher(filter.Values)
		resources = slices.DeleteFunc(resources, func(r *engine.Resource[group]) bool {
			return !slices.ContainsFunc(filterValues(c, r, name), wanted)
		})
	}
	resources, next, err := engine.Page(resources, in.MaxRecords, 100, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &autoscaling.DescribeAutoScalingGroupsOutput{NextToken: next}
	for _, r := range resources {
		retryFailed(c, r)
		out.AutoScalingGroups = append(out.AutoScalingGroups, showGroup(c, r))
	}
	return out, nil
}

// filterValues returns the values of a group that a filter compares.
func filterValues(c *engine.Call, r *engine.Resource[group], filter string) []string {
	key, byTag := strings.CutPrefix(filter, "tag:")
	switch {
	case !c.TagsVisible(&r.Metadata):
		return nil
	case byTag:
		if value, ok := r.Tags[key]; ok {
			return []string{value}
		}
		return nil
	case filter == "tag-key":
		return slices.Collect(maps.Keys(r.Tags))
	case filter == "tag-value":
		return slices.Collect(maps.Values(r.Tags))
	}
	panic(fmt.Sprintf("awssim: %s: filter %s is not simulated", c.Operation, filter))
}

func arnOf(c *engine.Call, r *engine.Resource[group]) string {
	id := c.UUID("group", r.Seq)
	return fmt.Sprintf("arn:aws:autoscaling:%s:%s:autoScalingGroup:%s:autoScalingGroupName/%s", c.Region, c.Account, id, r.ID)
}

func showGroup(c *engine.Call, r *engine.Resource[group]) types.AutoScalingGroup {
	g := r.Data
	shown := types.AutoScalingGroup{
		AutoScalingGroupName: aws.String(g.Name), AutoScalingGroupARN: aws.String(arnOf(c, r)), CreatedTime: aws.Time(r.CreatedAt),
		MinSize: aws.Int32(g.Min), MaxSize: aws.Int32(g.Max), DesiredCapacity: aws.Int32(g.Desired), DefaultCooldown: aws.Int32(g.Cooldown),
		HealthCheckType: aws.String(g.HealthCheck), HealthCheckGracePeriod: aws.Int32(g.GracePeriod), LaunchTemplate: g.Template,
		MixedInstancesPolicy: g.Mixed, NewInstancesProtectedFromScaleIn: aws.Bool(g.ProtectNew), TargetGroupARNs: slices.Clone(g.TargetGroups),
		TerminationPolicies: slices.Clone(g.Termination), VPCZoneIdentifier: aws.String(strings.Join(g.Subnets, ",")),
		CapacityRebalance: aws.Bool(g.CapacityRebalance),
	}
	if r.Deleting() {
		shown.Status = aws.String("Delete in progress")
	}
	for _, id := range g.Subnets {
		if s, ok := vpc.Subnets.Find(c, id); ok {
			shown.AvailabilityZones = append(shown.AvailabilityZones, s.Data.Zone.Name)
		}
	}
	for _, process := range g.Suspended {
		shown.SuspendedProcesses = append(shown.SuspendedProcesses, types.SuspendedProcess{ProcessName: aws.String(process)})
	}
	for _, key := range slices.Sorted(maps.Keys(r.Tags)) {
		shown.Tags = append(shown.Tags, types.TagDescription{
			Key: aws.String(key), Value: aws.String(r.Tags[key]), PropagateAtLaunch: aws.Bool(slices.Contains(g.Propagated, key)),
			ResourceId: aws.String(g.Name), ResourceType: aws.String("auto-scaling-group"),
		})
	}
	for _, i := range instance.Instances.OwnedBy(c, r.ID) {
		shown.Instances = append(shown.Instances, showMember(c, r, i))
	}
	return shown
}

// showMember describes an instance of a group. It is in service once it has booted.
func showMember(c *engine.Call, r *engine.Resource[group], i *engine.Resource[instance.Instance]) types.Instance {
	shown := types.Instance{
		InstanceId: aws.String(i.ID), AvailabilityZone: aws.String(i.Data.Zone), InstanceType: aws.String(i.Data.Type),
		HealthStatus: aws.String("Healthy"), ProtectedFromScaleIn: aws.Bool(r.Data.ProtectNew), LifecycleState: types.LifecycleStatePending,
		LaunchTemplate: &types.LaunchTemplateSpecification{LaunchTemplateId: aws.String(i.Data.Template), Version: aws.String(fmt.Sprint(i.Data.TemplateVersion))},
	}
	if t, ok := instance.LaunchTemplates.Find(c, i.Data.Template); ok {
		shown.LaunchTemplate.LaunchTemplateName = aws.String(t.Data.Name)
	}
	switch {
	case instance.State(c, i) == ec2types.InstanceStateNameShuttingDown:
		shown.LifecycleState, shown.HealthStatus = types.LifecycleStateTerminating, aws.String("Unhealthy")
	case instance.HasBooted(c, i):
		shown.LifecycleState = types.LifecycleStateInService
	}
	return shown
}

// describeScalingActivities reports at most one activity: the launch that fails at present, and its cause.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/CHAP_Troubleshooting.html
func describeScalingActivities(c *engine.Call, in *autoscaling.DescribeScalingActivitiesInput) (*autoscaling.DescribeScalingActivitiesOutput, error) {
	r, err := findGroup(c, in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	out := &autoscaling.DescribeScalingActivitiesOutput{}
	if r.Data.LaunchError != "" {
		out.Activities = []types.Activity{{
			ActivityId: aws.String(c.UUID("activity", r.Seq).String()), AutoScalingGroupName: aws.String(r.ID),
			AutoScalingGroupARN: aws.String(arnOf(c, r)), StartTime: aws.Time(r.CreatedAt), Progress: aws.Int32(100),
			Cause:       aws.String("An instance was started in response to a difference between desired and actual capacity."),
			Description: aws.String("Launching a new EC2 instance"), StatusCode: types.ScalingActivityStatusCodeFailed,
			StatusMessage: aws.String(r.Data.LaunchError),
		}}
	}
	return out, nil
}
