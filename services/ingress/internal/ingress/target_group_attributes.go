package ingress

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// apiAttributes are what the target group of the API needs. With client addresses
// preserved, a control plane that reaches itself through the load balancer hangs.
// Connections to a member that fails its check are not cut, since a watch is worth
// keeping while the API restarts.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html
var apiAttributes = map[string]string{
	"preserve_client_ip.enabled":                                   "false",
	"target_health_state.unhealthy.connection_termination.enabled": "false",
}

// TargetGroupAttributes are settings of a target group that its create does not
// take.
type TargetGroupAttributes struct {
	graph.Node
	account
	TargetGroup *TargetGroup
	Attributes  map[string]string
}

// Name implements graph.Resource.
func (t *TargetGroupAttributes) Name() string {
	return "target-group-attributes/" + t.TargetGroup.Use
}

// Needs implements graph.Resource.
func (t *TargetGroupAttributes) Needs() []graph.Resource { return []graph.Resource{t.TargetGroup} }

// Key implements graph.Keyed: attributes are their target group's.
func (t *TargetGroupAttributes) Key() string { return t.TargetGroup.ID() }

// Observe implements graph.Resource.
func (t *TargetGroupAttributes) Observe(ctx context.Context) (graph.State, error) {
	out, err := t.DescribeTargetGroupAttributes(ctx, &elb.DescribeTargetGroupAttributesInput{TargetGroupArn: aws.String(t.ID())})
	if err != nil {
		return graph.Absent, errorclass.IgnoreNotFound(err)
	}
	there := make(map[string]string)
	for _, attribute := range out.Attributes {
		there[aws.ToString(attribute.Key)] = aws.ToString(attribute.Value)
	}
	for key, value := range t.Attributes {
		if there[key] != value {
			return graph.Drifted, nil
		}
	}
	return graph.Ready, nil
}

// Create implements graph.Resource.
func (t *TargetGroupAttributes) Create(ctx context.Context) (graph.State, error) {
	if err := t.Update(ctx); err != nil {
		return graph.Absent, err
	}
	return graph.Ready, nil
}

// Update implements graph.Updater.
func (t *TargetGroupAttributes) Update(ctx context.Context) error {
	in := &elb.ModifyTargetGroupAttributesInput{TargetGroupArn: aws.String(t.ID())}
	for _, key := range slices.Sorted(maps.Keys(t.Attributes)) {
		in.Attributes = append(in.Attributes, types.TargetGroupAttribute{Key: aws.String(key), Value: aws.String(t.Attributes[key])})
	}
	_, err := t.ModifyTargetGroupAttributes(ctx, in)
	return err
}

// Delete implements graph.Resource: attributes go with their target group.
func (t *TargetGroupAttributes) Delete(context.Context) error { return nil }
