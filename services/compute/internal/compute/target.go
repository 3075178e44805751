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

// Target puts a control-plane member behind the load balancer of the API. It is
// ready when it is registered: whether it is healthy shows once it has booted.
type Target struct {
	graph.Node
	account
	Instance    *Instance
	TargetGroup *graph.Dependency
}

// apiPort is where members serve the API.
const apiPort = 6443

// Name implements graph.Resource.
func (t *Target) Name() string { return "target/" + t.Instance.Member.Name }

// Needs implements graph.Resource.
func (t *Target) Needs() []graph.Resource { return []graph.Resource{t.Instance, t.TargetGroup} }

// Key implements graph.Keyed: an instance in a target group, which is all that
// taking it out needs.
func (t *Target) Key() string { return t.Instance.ID() + "/" + t.TargetGroup.Value }

// place is what the key says.
func (t *Target) place() (group *string, targets []types.TargetDescription) {
	instance, arn, _ := strings.Cut(t.ID(), "/")
	return aws.String(arn), []types.TargetDescription{{Id: aws.String(instance), Port: aws.Int32(apiPort)}}
}

// Observe implements graph.Resource.
func (t *Target) Observe(ctx context.Context) (graph.State, error) {
	if t.Instance != nil && t.TargetGroup.Value != "" && t.ID() != t.Key() {
		// It is the registration of an instance, or with a group, of before.
		return graph.Absent, nil
	}
	group, targets := t.place()
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
	group, targets := t.place()
	_, err := t.RegisterTargets(ctx, &elasticloadbalancingv2.RegisterTargetsInput{TargetGroupArn: group, Targets: targets})
	if err != nil {
		return graph.Absent, err
	}
	return graph.Ready, nil
}

// Delete implements graph.Resource.
func (t *Target) Delete(ctx context.Context) error {
	group, targets := t.place()
	_, err := t.DeregisterTargets(ctx, &elasticloadbalancingv2.DeregisterTargetsInput{TargetGroupArn: group, Targets: targets})
	return errorclass.IgnoreNotFound(err)
}
