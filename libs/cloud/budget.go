package cloud

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Call is one call to AWS, before it is made.
type Call struct {
	Account, Region, Service, Operation string
}

// bucket is one token bucket of AWS: a burst, refilled so many times a second.
type bucket struct {
	name   string
	burst  int
	refill float64
	global bool // one for all regions
}

// Budget keeps the calls to every account and region below the limits that AWS
// publishes, so that nobody is ever throttled: one token bucket per account,
// region and API action or family. It is safe for concurrent use.
//
// The figures are those of the EC2 developer guide, "Request throttling", and
// of the ELB and Route 53 guides; see docs/adr/0004-api-budget.md.
type Budget struct {
	pace     float64
	mu       sync.Mutex
	limiters map[string]*rate.Limiter
	throttle int
	turns    turns
}

// margin keeps a budget a little below that of AWS: calls do not arrive as evenly
// as they are sent, and the one that arrives a nanosecond early is throttled.
const margin = 0.99

// NewBudget returns a budget for an AWS that runs pace times faster than the clock.
func NewBudget(pace float64) *Budget {
	return &Budget{pace: pace, limiters: make(map[string]*rate.Limiter)}
}

// Wait returns when the call may be made, or when ctx ends.
func (b *Budget) Wait(ctx context.Context, call Call) error {
	for _, bucket := range buckets(call) {
		if err := b.limiter(call, bucket).Wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Throttled notes that AWS throttled a call all the same: somebody else uses the
// account too. The buckets of the call are emptied, so that they refill from nothing.
func (b *Budget) Throttled(call Call) {
	for _, bucket := range buckets(call) {
		limiter := b.limiter(call, bucket)
		// Of a bucket that others wait for nothing is left to take.
		limiter.AllowN(time.Now(), max(int(limiter.Tokens()), 0))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.throttle++
}

// Throttles is how many calls AWS throttled.
func (b *Budget) Throttles() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.throttle
}

func (b *Budget) limiter(call Call, bucket bucket) *rate.Limiter {
	region := call.Region
	if bucket.global {
		region = "global"
	}
	key := strings.Join([]string{call.Account, region, call.Service, bucket.name}, " ")
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.limiters[key] == nil {
		b.limiters[key] = rate.NewLimiter(rate.Limit(bucket.refill*b.pace*margin), bucket.burst)
	}
	return b.limiters[key]
}

// buckets are the token buckets that a call takes from.
func buckets(call Call) []bucket {
	switch call.Service {
	case "EC2":
		return []bucket{ec2Bucket(call.Operation)}
	case "Elastic Load Balancing v2":
		return []bucket{elbBucket(call.Operation), {name: "all", burst: 40, refill: 10}}
	case "Route 53":
		return []bucket{{name: "all", burst: 5, refill: 5, global: true}}
	case "STS":
		return []bucket{{name: "all", burst: 600, refill: 600}}
	case "Resource Groups Tagging API":
		return []bucket{{name: "GetResources", burst: 15, refill: 15}}
	case "IAM":
		// AWS publishes no figures for IAM; these have been seen to be safe.
		return []bucket{{name: "all", burst: 20, refill: 10, global: true}}
	default:
		// Nor for auto scaling.
		return []bucket{{name: "all", burst: 20, refill: 10}}
	}
}

func ec2Bucket(operation string) bucket {
	actions := []struct {
		bucket
		operations []string
	}{
		{bucket{burst: 5, refill: 2}, []string{"RunInstances", "StartInstances"}},
		{bucket{burst: 10, refill: 1}, []string{"CreateNatGateway", "DeleteNatGateway", "AssociateNatGatewayAddress"}},
		{bucket{burst: 4, refill: 0.3}, []string{"CreateVpcEndpoint", "ModifyVpcEndpoint", "DeleteVpcEndpoints"}},
		{bucket{burst: 100, refill: 5}, []string{"CreateNetworkInterface", "DeleteNetworkInterface", "CreateVolume", "CreateLaunchTemplateVersion", "TerminateInstances"}},
		{bucket{burst: 100, refill: 10}, []string{"CreateTags", "DeleteTags"}},
	}
	for _, action := range actions {
		if slices.Contains(action.operations, operation) {
			action.name = operation
			return action.bucket
		}
	}
	if reads(operation) {
		return bucket{name: operation, burst: 100, refill: 20}
	}
	return bucket{name: operation, burst: 50, refill: 5}
}

func elbBucket(operation string) bucket {
	switch {
	case operation == "CreateLoadBalancer", operation == "SetSubnets":
		return bucket{name: operation, burst: 10, refill: 0.2}
	case operation == "RegisterTargets", operation == "DeregisterTargets":
		return bucket{name: "targets", burst: 20, refill: 4}
	case reads(operation):
		return bucket{name: "reads", burst: 40, refill: 10}
	default:
		return bucket{name: "writes", burst: 20, refill: 3}
	}
}

func reads(operation string) bool {
	for _, prefix := range []string{"Describe", "Get", "List", "Search"} {
		if strings.HasPrefix(operation, prefix) {
			return true
		}
	}
	return false
}
