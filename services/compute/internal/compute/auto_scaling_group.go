package compute

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// AutoScalingGroup is the nodes of a pool, spread over the private subnets. It is
// ready when its fewest nodes are in service. How many there are between fewest
// and most is the business of the cluster's own autoscaler, which finds the group
// by its tags.
type AutoScalingGroup struct {
	graph.Node
	account
	Spec     NodePoolSpec
	Template *LaunchTemplate
	Subnets  []*graph.Awaited

	// tagging is what Observe found of the tags, for Update.
	tagging tagChange
}

// InService is the attribute that holds how many nodes are in service.
const InService = "in-service"

// Name implements graph.Resource.
func (a *AutoScalingGroup) Name() string { return "auto-scaling-group" }

// Needs implements graph.Resource.
func (a *AutoScalingGroup) Needs() []graph.Resource { return needs(a.Subnets, a.Template) }

// Key implements graph.Keyed: the name is unique in account and region.
func (a *AutoScalingGroup) Key() string { return a.owner.Cluster + "-" + a.Spec.Pool }

// Usual implements graph.Slow: a group is ready when its instances have booted,
// and gone when they are deleted.
func (a *AutoScalingGroup) Usual() graph.Latency {
	return graph.Latency{
		Ready: latency.Of(latency.InstanceRunning) + latency.Of(latency.InstanceBooted),
		Gone:  latency.Of(latency.InstanceDeleted),
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
		// The only status there is says that the group is being deleted.
		return graph.Pending, nil
	case a.Template == nil:
		// This is a deletion, which declares nothing.
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

// drifted reports whether the group, its tags aside, is not as declared.
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

// obstacle is why the group cannot start the nodes it needs, if AWS says so: the
// group itself keeps silent about it.
func (a *AutoScalingGroup) obstacle(ctx context.Context) error {
	out, err := a.DescribeScalingActivities(ctx, &autoscaling.DescribeScalingActivitiesInput{AutoScalingGroupName: aws.String(a.ID())})
	if err != nil {
		return err
	}
	// The newest comes first, and only the newest counts.
	if len(out.Activities) == 0 || out.Activities[0].StatusCode != types.ScalingActivityStatusCodeFailed {
		return nil
	}
	message := aws.ToString(out.Activities[0].StatusMessage)
	if strings.Contains(message, "limit") || strings.Contains(message, "quota") {
		// It is told in words only.
		return &fault.Fault{Kind: fault.Exhausted, Class: fault.Quota, Operation: "launch node",
			Message: message, Remedy: "Raise the quota that the message speaks of, or declare fewer nodes."}
	}
	return tooNew(&fault.Fault{Kind: fault.Unavailable, Class: fault.Capacity, Operation: "launch node",
		Message: message, Remedy: "AWS is asked again; or declare more instance types."})
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
	if session.Code(err) == "AlreadyExists" {
		// An earlier create did it: its answer was lost.
		err = nil
	}
	if err != nil {
		return graph.Absent, tooNew(err)
	}
	a.remember(a.labels())
	return graph.Pending, nil
}

// policy says what the group starts: the template in its present version, as
// whichever of the instance types there is, the most wanted first.
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

// Update implements graph.Updater. Nodes that are there already stay as they are.
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

// Delete implements graph.Resource. The nodes go with the group.
func (a *AutoScalingGroup) Delete(ctx context.Context) error {
	_, err := a.DeleteAutoScalingGroup(ctx, &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: aws.String(a.ID()), ForceDelete: aws.Bool(true)})
	if err != nil && strings.Contains(err.Error(), "not found") {
		// AWS has no code of its own for it.
		return nil
	}
	return err
}
