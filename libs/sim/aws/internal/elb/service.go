package elb

import (
	"strings"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
	"github.com/skep-dev/skep/libs/sim/aws/internal/instance"
)

// The SDK's service ids of the two versions of Elastic Load Balancing.
const (
	serviceID        = "Elastic Load Balancing v2"
	classicServiceID = "Elastic Load Balancing"
)

// NewService returns Elastic Load Balancing version 2.
func NewService() *engine.Service {
	s := &engine.Service{
		ID: serviceID,
		// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-limits.html
		Quotas:    map[string]int{"NetworkLoadBalancersPerRegion": 50, "TargetGroupsPerRegion": 3000, "ListenersPerLoadBalancer": 50},
		Limits:    limits,
		Throttled: engine.Refuse("ThrottlingException", "Rate exceeded"),
		ARN:       arnOf,
	}
	s.AddTypes(LoadBalancers, Listeners, TargetGroups, Targets)
	s.On(instance.ShuttingDown, deregisterInstance)
	handleLoadBalancer(s)
	handleListener(s)
	handleTargetGroup(s)
	handleTarget(s)
	handleAttributes(s)
	handleTags(s)
	return s
}

// NewClassicService returns the first version of Elastic Load Balancing.
func NewClassicService() *engine.Service {
	s := &engine.Service{ID: classicServiceID, Limits: limits, Throttled: engine.Refuse("ThrottlingException", "Rate exceeded")}
	s.AddTypes(classicLoadBalancers)
	handleClassicLoadBalancer(s)
	return s
}

// arnOf returns the id, which is an ARN, and the resource type in it.
func arnOf(e *engine.LedgerEntry, _ engine.Type) (arn, resourceType string) {
	parts := strings.SplitN(e.ID, ":", 6)
	resourceType, _, _ = strings.Cut(parts[len(parts)-1], "/")
	return e.ID, "elasticloadbalancing:" + resourceType
}

// The API limits of Elastic Load Balancing, for each version: all operations draw on one bucket, and each operation on
// one of its own as well.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html
var (
	sharedLimit     = engine.Limit{Family: "all", Burst: 40, Refill: 10}
	readLimit       = engine.Limit{Burst: 40, Refill: 10}
	writeLimit      = engine.Limit{Burst: 20, Refill: 3}
	operationLimits = map[string]engine.Limit{
		"CreateLoadBalancer": {Burst: 10, Refill: 0.2},
		"SetSubnets":         {Burst: 10, Refill: 0.2},
		"RegisterTargets":    {Burst: 20, Refill: 4},
		"DeregisterTargets":  {Burst: 20, Refill: 4},
	}
)

func limits(operation string, mutating bool, _ any) []engine.Limit {
	own, ok := operationLimits[operation]
	switch {
	case ok:
	case mutating:
		own = writeLimit
	default:
		own = readLimit
	}
	return []engine.Limit{sharedLimit, own}
}
