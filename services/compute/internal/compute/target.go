package compute

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// Target registers a control-plane member with the target group of the API load balancer. It is ready when the
// member is registered; the member is healthy only after it has booted.
type Target struct {
	graph.Node
	account
	Instance    *Instance
	TargetGroup *graph.Dependency
}

// apiPort is the port of the Kubernetes API on the members.
const apiPort = 6443

// Name implements graph.Resource.
func (t *Target) Name() string { return "target/" + t.Instance.Member.Name }

// Needs implements graph.Resource.
func (t *Target) Needs() []graph.Resource { return []graph.Resource{t.Instance, t.TargetGroup} }

// Key implements graph.NaturallyKeyed: the id of the instance and the ARN of the target group. Deregistration needs no more.
func (t *Target) Key() string { return t.Instance.ID() + "/" + t.TargetGroup.Value }

// parseID splits the ID, which has the form of the key, into the arguments of the API calls.
func (t *Target) parseID() (group *string, targets []types.TargetDescription) {
	instance, arn, _ := strings.Cut(t.ID(), "/")
	return aws.String(arn), []types.TargetDescription{{Id: aws.String(instance), Port: aws.Int32(apiPort)}}
}

// Observe implements graph.Resource.
func (t *Target) Observe(ctx context.Context) (graph.State, error) {
	if t.Instance != nil && t.TargetGroup.Value != "" && t.ID() != t.Key() {
		// The registration is that of a former instance, or with a former target group.
		return graph.Absent, nil
	}
	group, targets := t.parseID()
	out, err := t.DescribeTargetHealth(ctx, &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: group, Targets: targets})
	if err != nil {
		return graph.Absent, errorclass.IgnoreNotFound(err)
	}
	for _, target := range out.TargetHealthDescriptions {
		health := target.TargetHealth
		switch {
		case health.Reason == types.TargetHealthReasonEnumNotRegistered,
			health.State == types.TargetHealthStateEnumDraining:
		default:
			return graph.Ready, nil
		}
	}
	return graph.Absent, nil
}

// Create implements graph.Resource.
func (t *Target) Create(ctx context.Context) (graph.State, error) {
	group, targets := t.parseID()
	_, err := t.RegisterTargets(ctx, &elasticloadbalancingv2.RegisterTargetsInput{TargetGroupArn: group, Targets: targets})
	if err != nil {
		return graph.Absent, err
	}
	return graph.Ready, nil
}

// Delete implements graph.Resource.
func (t *Target) Delete(ctx context.Context) error {
	group, targets := t.parseID()
	_, err := t.DeregisterTargets(ctx, &elasticloadbalancingv2.DeregisterTargetsInput{TargetGroupArn: group, Targets: targets})
	return errorclass.IgnoreNotFound(err)
}
