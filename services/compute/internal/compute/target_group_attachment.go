package compute

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"

	"github.com/skep-dev/skep/libs/engine/graph"
)

// TargetGroupAttachment attaches the Auto Scaling group of a pool to the target group of one ingress listener.
// The group registers all its nodes, including future ones.
type TargetGroupAttachment struct {
	graph.Node
	account
	Listener    string
	Group       *AutoScalingGroup
	TargetGroup *graph.Dependency
}

// Name implements graph.Resource.
func (t *TargetGroupAttachment) Name() string { return "target-group-attachment/" + t.Listener }

// Needs implements graph.Resource.
func (t *TargetGroupAttachment) Needs() []graph.Resource {
	return []graph.Resource{t.Group, t.TargetGroup}
}

// Key implements graph.NaturallyKeyed: the name of the Auto Scaling group and the ARN of the target group. Detaching
// needs no more.
func (t *TargetGroupAttachment) Key() string { return t.Group.ID() + "/" + t.TargetGroup.Value }

func (t *TargetGroupAttachment) parseID() (group *string, targets []string) {
	name, arn, _ := strings.Cut(t.ID(), "/")
	return aws.String(name), []string{arn}
}

// Container implements graph.Contained. The deletion of an Auto Scaling group deregisters its nodes, and the
// attachment does not keep the target group.
func (t *TargetGroupAttachment) Container() (resourceType string, holds bool) {
	return "auto-scaling-group", false
}

// Observe implements graph.Resource.
func (t *TargetGroupAttachment) Observe(ctx context.Context) (graph.State, error) {
	if t.Group != nil && t.TargetGroup.Value != "" && t.ID() != t.Key() {
		return graph.Absent, nil
	}
	name, targets := t.parseID()
	out, err := t.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{aws.ToString(name)}})
	if err != nil {
		return graph.Absent, err
	}
	for _, group := range out.AutoScalingGroups {
		for _, arn := range group.TargetGroupARNs {
			if arn == targets[0] {
				return graph.Ready, nil
			}
		}
	}
	return graph.Absent, nil
}

// Create implements graph.Resource.
func (t *TargetGroupAttachment) Create(ctx context.Context) (graph.State, error) {
	name, targets := t.parseID()
	_, err := t.AttachLoadBalancerTargetGroups(ctx, &autoscaling.AttachLoadBalancerTargetGroupsInput{AutoScalingGroupName: name, TargetGroupARNs: targets})
	if err != nil {
		return graph.Absent, err
	}
	return graph.Ready, nil
}

// Delete implements graph.Resource. A missing group or target group is success. AWS reports both only as a
// ValidationError, so Delete observes first.
func (t *TargetGroupAttachment) Delete(ctx context.Context) error {
	if state, err := t.Observe(ctx); err != nil || state == graph.Absent {
		return err
	}
	name, targets := t.parseID()
	_, err := t.DetachLoadBalancerTargetGroups(ctx, &autoscaling.DetachLoadBalancerTargetGroupsInput{AutoScalingGroupName: name, TargetGroupARNs: targets})
	return err
}
