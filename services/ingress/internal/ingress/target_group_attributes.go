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

// apiAttributes are the attributes of the target group of the API. If the load balancer preserves client
// addresses, connections from a member through the load balancer to itself hang. If it terminates the
// connections to an unhealthy member, watches break during a restart of the API.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html
var apiAttributes = map[string]string{
	"preserve_client_ip.enabled":                                   "false",
	"target_health_state.unhealthy.connection_termination.enabled": "false",
}

// TargetGroupAttributes holds the settings of a target group that CreateTargetGroup does not take.
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

// Key implements graph.NaturallyKeyed. Attributes have no id: the key is the ARN of the target group.
func (t *TargetGroupAttributes) Key() string { return t.TargetGroup.ID() }

// Observe implements graph.Resource.
func (t *TargetGroupAttributes) Observe(ctx context.Context) (graph.State, error) {
	out, err := t.DescribeTargetGroupAttributes(ctx, &elb.DescribeTargetGroupAttributesInput{TargetGroupArn: aws.String(t.ID())})
	if err != nil {
		return graph.Absent, errorclass.IgnoreNotFound(err)
	}
	observed := make(map[string]string)
	for _, attribute := range out.Attributes {
		observed[aws.ToString(attribute.Key)] = aws.ToString(attribute.Value)
	}
	for key, value := range t.Attributes {
		if observed[key] != value {
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

// Delete implements graph.Resource. AWS deletes the attributes with their target group.
func (t *TargetGroupAttributes) Delete(context.Context) error { return nil }
