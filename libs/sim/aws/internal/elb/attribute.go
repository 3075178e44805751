package elb

import (
	"cmp"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// loadBalancerAttributes are the default attributes of a network load balancer.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
var loadBalancerAttributes = map[string]string{
	"access_logs.s3.enabled": "false", "access_logs.s3.bucket": "", "access_logs.s3.prefix": "", "deletion_protection.enabled": "false",
	"load_balancing.cross_zone.enabled": "false", "dns_record.client_routing_policy": "any_availability_zone", "zonal_shift.config.enabled": "false",
}

// targetGroupAttributes are the default attributes of a target group of a network load balancer.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
var targetGroupAttributes = map[string]string{
	"deregistration_delay.timeout_seconds": "300", "deregistration_delay.connection_termination.enabled": "false",
	"stickiness.enabled": "false", "stickiness.type": "source_ip", "preserve_client_ip.enabled": "true", "proxy_protocol_v2.enabled": "false",
	"load_balancing.cross_zone.enabled":                              "use_load_balancer_configuration",
	"target_health_state.unhealthy.connection_termination.enabled":   "true",
	"target_group_health.dns_failover.minimum_healthy_targets.count": "1",
}

func handleAttributes(s *engine.Service) {
	engine.Handle(s, "DescribeLoadBalancerAttributes", engine.Fields{"LoadBalancerArn"}, describeLoadBalancerAttributes)
	engine.Handle(s, "ModifyLoadBalancerAttributes", engine.Fields{"LoadBalancerArn", "Attributes"}, modifyLoadBalancerAttributes)
	engine.Handle(s, "DescribeTargetGroupAttributes", engine.Fields{"TargetGroupArn"}, describeTargetGroupAttributes)
	engine.Handle(s, "ModifyTargetGroupAttributes", engine.Fields{"TargetGroupArn", "Attributes"}, modifyTargetGroupAttributes)
}

// effectiveAttributes returns the defaults, overridden by the attributes that were set.
func effectiveAttributes(standard, set map[string]string) map[string]string {
	all := maps.Clone(standard)
	maps.Copy(all, set)
	return all
}

// unknownAttribute is the error for a key that the service does not have.
func unknownAttribute(noun string, key *string) error {
	return engine.Refuse("ValidationError", "%s attribute key '%s' is not recognized", noun, aws.ToString(key))
}

func describeLoadBalancerAttributes(c *engine.Call, in *elb.DescribeLoadBalancerAttributesInput) (*elb.DescribeLoadBalancerAttributesOutput, error) {
	r, err := LoadBalancers.Get(c, in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	return &elb.DescribeLoadBalancerAttributesOutput{Attributes: showLoadBalancerAttributes(r)}, nil
}

func modifyLoadBalancerAttributes(c *engine.Call, in *elb.ModifyLoadBalancerAttributesInput) (*elb.ModifyLoadBalancerAttributesOutput, error) {
	r, err := LoadBalancers.Get(c, in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	set := maps.Clone(r.Data.Attributes)
	for _, a := range in.Attributes {
		if _, known := loadBalancerAttributes[aws.ToString(a.Key)]; !known {
			return nil, unknownAttribute("Load balancer", a.Key)
		}
		set[*a.Key] = aws.ToString(a.Value)
	}
	r.Data.Attributes = set
	LoadBalancers.Put(c, r)
	return &elb.ModifyLoadBalancerAttributesOutput{Attributes: showLoadBalancerAttributes(r)}, nil
}

func showLoadBalancerAttributes(r *engine.Resource[LoadBalancer]) (shown []types.LoadBalancerAttribute) {
	for key, value := range effectiveAttributes(loadBalancerAttributes, r.Data.Attributes) {
		shown = append(shown, types.LoadBalancerAttribute{Key: aws.String(key), Value: aws.String(value)})
	}
	slices.SortFunc(shown, func(a, b types.LoadBalancerAttribute) int { return cmp.Compare(*a.Key, *b.Key) })
	return shown
}

func describeTargetGroupAttributes(c *engine.Call, in *elb.DescribeTargetGroupAttributesInput) (*elb.DescribeTargetGroupAttributesOutput, error) {
	r, err := TargetGroups.Get(c, in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	return &elb.DescribeTargetGroupAttributesOutput{Attributes: showTargetGroupAttributes(r)}, nil
}

func modifyTargetGroupAttributes(c *engine.Call, in *elb.ModifyTargetGroupAttributesInput) (*elb.ModifyTargetGroupAttributesOutput, error) {
	r, err := TargetGroups.Get(c, in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	set := maps.Clone(r.Data.Attributes)
	for _, a := range in.Attributes {
		if _, known := targetGroupAttributes[aws.ToString(a.Key)]; !known {
			return nil, unknownAttribute("Target group", a.Key)
		}
		set[*a.Key] = aws.ToString(a.Value)
	}
	r.Data.Attributes = set
	TargetGroups.Put(c, r)
	return &elb.ModifyTargetGroupAttributesOutput{Attributes: showTargetGroupAttributes(r)}, nil
}

func showTargetGroupAttributes(r *engine.Resource[TargetGroup]) (shown []types.TargetGroupAttribute) {
	for key, value := range effectiveAttributes(targetGroupAttributes, r.Data.Attributes) {
		shown = append(shown, types.TargetGroupAttribute{Key: aws.String(key), Value: aws.String(value)})
	}
	slices.SortFunc(shown, func(a, b types.TargetGroupAttribute) int { return cmp.Compare(*a.Key, *b.Key) })
	return shown
}
