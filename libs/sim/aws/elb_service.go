package aws

import (
	"strings"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// The SDK's service ids of the two versions of Elastic Load Balancing.
const (
	elbv2      = "Elastic Load Balancing v2"
	classicELB = "Elastic Load Balancing"
)

// NewELBService returns Elastic Load Balancing version 2.
func NewELBService() *engine.Service {
	s := &engine.Service{
		ID: elbv2,
		// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-limits.html
		Quotas:    map[string]int{"NetworkLoadBalancersPerRegion": 50, "TargetGroupsPerRegion": 3000, "ListenersPerLoadBalancer": 50},
		Limits:    elbLimits,
		Throttled: engine.Refuse("ThrottlingException", "Rate exceeded"),
		ARN:       elbv2ARN,
	}
	s.AddTypes(loadBalancers, listeners, targetGroups, targets)
	s.On(ShuttingDown, deregisterInstance)
	handleLoadBalancer(s)
	handleListener(s)
	handleTargetGroup(s)
	handleTarget(s)
	handleElbAttribute(s)
	handleElbTag(s)
	return s
}

// NewClassicELBService returns the first version of Elastic Load Balancing.
func NewClassicELBService() *engine.Service {
	s := &engine.Service{ID: classicELB, Limits: elbLimits, Throttled: engine.Refuse("ThrottlingException", "Rate exceeded")}
	s.AddTypes(classicLoadBalancers)
	handleClassicLoadBalancer(s)
	return s
}

// elbv2ARN returns the id, which is an ARN, and the resource type in it.
func elbv2ARN(e *engine.Entry, _ engine.Type) (arn, resourceType string) {
	parts := strings.SplitN(e.ID, ":", 6)
	resourceType, _, _ = strings.Cut(parts[len(parts)-1], "/")
	return e.ID, "elasticloadbalancing:" + resourceType
}

// The API limits of Elastic Load Balancing, for each version: all operations draw on one bucket, and each operation on one
// of its own as well.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html
var (
	sharedLimit        = engine.Limit{Family: "all", Burst: 40, Refill: 10}
	elbReadLimit       = engine.Limit{Burst: 40, Refill: 10}
	elbWriteLimit      = engine.Limit{Burst: 20, Refill: 3}
	elbOperationLimits = map[string]engine.Limit{
		"CreateLoadBalancer": {Burst: 10, Refill: 0.2},
		"SetSubnets":         {Burst: 10, Refill: 0.2},
		"RegisterTargets":    {Burst: 20, Refill: 4},
		"DeregisterTargets":  {Burst: 20, Refill: 4},
	}
)

func elbLimits(operation string, mutating bool, _ any) []engine.Limit {
	own, ok := elbOperationLimits[operation]
	switch {
	case ok:
	case mutating:
		own = elbWriteLimit
	default:
		own = elbReadLimit
	}
	return []engine.Limit{sharedLimit, own}
}
