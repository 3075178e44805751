package compute

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// AutoScalingGroup runs the nodes of a pool in the private subnets of its zones. It is ready when the minimum number
// of nodes is in service. The cluster autoscaler finds the group by its tags and sets the number of nodes between
// minimum and maximum.
type AutoScalingGroup struct {
	graph.Node
	account
	Spec     NodePoolSpec
	Template *LaunchTemplate
	Subnets  []*graph.Dependency

	// tagging is the difference that Observe found in the tags, for Update.
	tagging tagChange
}

// InService is the attribute with the number of nodes in service.
const InService = "in-service"

// Name implements graph.Resource.
func (a *AutoScalingGroup) Name() string { return "auto-scaling-group" }

// Needs implements graph.Resource.
func (a *AutoScalingGroup) Needs() []graph.Resource { return needs(a.Subnets, a.Template) }

// Key implements graph.NaturallyKeyed: the name of the group, unique in the account and region.
func (a *AutoScalingGroup) Key() string { return a.owner.Cluster + "-" + a.Spec.Pool }

// ExpectedLatency implements graph.Asynchronous. Instances start within 20 s and boot within 60 s; termination takes 30
// to 60 s.
func (a *AutoScalingGroup) ExpectedLatency() graph.Latency {
	return graph.Latency{
		Ready:   latency.Of(latency.InstanceRunning) + latency.Of(latency.InstanceBooted),
		Deleted: latency.Of(latency.InstanceDeleted),
	}
}

// Observe implements graph.Resource.
func (a *AutoScalingGroup) Observe(ctx context.Context) (graph.State, error) {
	group, err := a.find(ctx)
	if err != nil || group == nil {
		return graph.Absent, err
	}
	serving := int32(0)
	for _, instance := range group.Instances {
		if instance.LifecycleState == types.LifecycleStateInService {
			serving++
		}
	}
	a.SetAttribute(InService, strconv.Itoa(int(serving)))
	switch {
	case aws.ToString(group.Status) != "":
		// The status is empty unless AWS is deleting the group.
		return graph.Pending, nil
	case a.Template == nil:
		// During a delete the resource has no spec to compare.
		return graph.Ready, nil
	}
	a.tagging = a.compareTags(group.Tags)
	switch {
	case a.tagging.needed(), a.drifted(group):
		return graph.Drifted, nil
	case int32(len(group.Instances)) < a.Spec.Min:
		return graph.Pending, a.obstacle(ctx)
	case serving < a.Spec.Min:
		return graph.Pending, nil
	}
	return graph.Ready, nil
}

func (a *AutoScalingGroup) find(ctx context.Context) (*types.AutoScalingGroup, error) {
	out, err := a.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{a.ID()}})
	if err != nil {
		return nil, err
	}
	return session.Only(out.AutoScalingGroups)
}

// drifted reports whether the group differs from the spec in anything but its tags.
func (a *AutoScalingGroup) drifted(group *types.AutoScalingGroup) bool {
	if aws.ToInt32(group.MinSize) != a.Spec.Min || aws.ToInt32(group.MaxSize) != a.Spec.Max {
		return true
	}
	subnets := strings.Split(aws.ToString(group.VPCZoneIdentifier), ",")
	if !slices.Equal(slices.Sorted(slices.Values(subnets)), slices.Sorted(slices.Values(values(a.Subnets)))) {
		return true
	}
	policy := group.MixedInstancesPolicy
	if policy == nil || policy.LaunchTemplate == nil || policy.LaunchTemplate.LaunchTemplateSpecification == nil {
		return true
	}
	template := policy.LaunchTemplate
	if aws.ToString(template.LaunchTemplateSpecification.Version) != a.Template.Attribute(templateVersion) {
		return true
	}
	var names []string
	for _, override := range template.Overrides {
		names = append(names, aws.ToString(override.InstanceType))
	}
	return !slices.Equal(names, a.Spec.InstanceTypes)
}

// obstacle returns the fault that keeps the group from starting its nodes, or nil. DescribeAutoScalingGroups does not
// report it, so obstacle reads the scaling activities.
func (a *AutoScalingGroup) obstacle(ctx context.Context) error {
	out, err := a.DescribeScalingActivities(ctx, &autoscaling.DescribeScalingActivitiesInput{AutoScalingGroupName: aws.String(a.ID())})
	if err != nil {
		return err
	}
	// AWS lists the newest activity first. Earlier ones say nothing about the present.
	if len(out.Activities) == 0 || out.Activities[0].StatusCode != types.ScalingActivityStatusCodeFailed {
		return nil
	}
	message := aws.ToString(out.Activities[0].StatusMessage)
	if strings.Contains(message, "limit") || strings.Contains(message, "quota") {
		// A scaling activity has no error code: only its message reveals a quota.
		return &fault.Fault{Kind: fault.Exhausted, Class: fault.Quota, Operation: "launch node",
			Message: message, Remedy: "Raise the quota that the message names, or reduce the number of nodes."}
	}
	return tooNew(&fault.Fault{Kind: fault.Unavailable, Class: fault.Capacity, Operation: "launch node",
		Message: message, Remedy: "Skep retries. If the error persists, add instance types to the node pool."})
}

// Create implements graph.Resource.
func (a *AutoScalingGroup) Create(ctx context.Context) (graph.State, error) {
	_, err := a.CreateAutoScalingGroup(ctx, &autoscaling.CreateAutoScalingGroupInput{
		AutoScalingGroupName: aws.String(a.ID()),
		MinSize:              aws.Int32(a.Spec.Min),
		MaxSize:              aws.Int32(a.Spec.Max),
		VPCZoneIdentifier:    aws.String(strings.Join(values(a.Subnets), ",")),
		MixedInstancesPolicy: a.policy(),
		Tags:                 a.tags(),
	})
	if errorclass.Code(err) == "AlreadyExists" {
		// An earlier create whose response was lost created the group.
		err = nil
	}
	if err != nil {
		return graph.Absent, tooNew(err)
	}
	a.recordLabels(a.labels())
	return graph.Pending, nil
}

// policy returns the mixed instances policy: the current version of the launch template, with the instance types in
// order of preference. AWS starts the first type that has capacity.
func (a *AutoScalingGroup) policy() *types.MixedInstancesPolicy {
	return &types.MixedInstancesPolicy{
		LaunchTemplate: &types.LaunchTemplate{
			LaunchTemplateSpecification: &types.LaunchTemplateSpecification{
				LaunchTemplateId: aws.String(a.Template.ID()), Version: aws.String(a.Template.Attribute(templateVersion)),
			},
			Overrides: a.Spec.overrides(),
		},
		InstancesDistribution: &types.InstancesDistribution{
			OnDemandAllocationStrategy:          aws.String("prioritized"),
			OnDemandPercentageAboveBaseCapacity: aws.Int32(100),
		},
	}
}

// Update implements graph.Updater. It leaves running nodes unchanged: only new nodes use a new version of the template.
func (a *AutoScalingGroup) Update(ctx context.Context) error {
	_, err := a.UpdateAutoScalingGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{
		AutoScalingGroupName: aws.String(a.ID()),
		MinSize:              aws.Int32(a.Spec.Min),
		MaxSize:              aws.Int32(a.Spec.Max),
		VPCZoneIdentifier:    aws.String(strings.Join(values(a.Subnets), ",")),
		MixedInstancesPolicy: a.policy(),
	})
	if err != nil {
		return err
	}
	return a.retag(ctx)
}

// Delete implements graph.Resource. ForceDelete makes AWS terminate the nodes with the group.
func (a *AutoScalingGroup) Delete(ctx context.Context) error {
	_, err := a.DeleteAutoScalingGroup(ctx, &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: aws.String(a.ID()), ForceDelete: aws.Bool(true)})
	if err != nil && strings.Contains(err.Error(), "not found") {
		// AWS has no specific error code for it.
		return nil
	}
	return err
}
