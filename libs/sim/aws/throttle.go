package aws

import (
	"reflect"

	"golang.org/x/time/rate"
)

// limit is a token bucket as AWS publishes it.
type limit struct {
	shared string  // the family of operations that draw on one bucket; "" gives each operation its own
	burst  int     // calls
	refill float64 // calls per second
	global bool    // one bucket for all regions of an account
}

// EC2: one bucket for each operation in each region of an account.
// https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
var (
	ec2Read       = limit{burst: 100, refill: 20}
	ec2Unfiltered = limit{burst: 50, refill: 10}
	ec2Write      = limit{burst: 50, refill: 5}

	ec2Limits = map[string]limit{
		"RunInstances":                {burst: 5, refill: 2},
		"StartInstances":              {burst: 5, refill: 2},
		"TerminateInstances":          {burst: 100, refill: 5},
		"CreateNatGateway":            {burst: 10, refill: 1},
		"DeleteNatGateway":            {burst: 10, refill: 1},
		"CreateVpcEndpoint":           {burst: 4, refill: 0.3},
		"ModifyVpcEndpoint":           {burst: 4, refill: 0.3},
		"DeleteVpcEndpoints":          {burst: 4, refill: 0.3},
		"AuthorizeClientVpnIngress":   {burst: 5, refill: 2},
		"CreateClientVpnRoute":        {burst: 5, refill: 2},
		"CreateNetworkInterface":      {burst: 100, refill: 5},
		"DeleteNetworkInterface":      {burst: 100, refill: 5},
		"CreateVolume":                {burst: 100, refill: 5},
		"CreateLaunchTemplateVersion": {burst: 100, refill: 5},
		"CreateTags":                  {burst: 100, refill: 10},
		"DeleteTags":                  {burst: 100, refill: 10},
	}

	// ec2Heavy are the reads that have a smaller bucket when they are neither filtered nor paginated.
	ec2Heavy = map[string]bool{
		"DescribeInstances": true, "DescribeInstanceStatus": true, "DescribeNetworkInterfaces": true,
		"DescribeSecurityGroups": true, "DescribeSnapshots": true, "DescribeVolumes": true,
	}
)

// Elastic Load Balancing, each version for itself: all operations draw on one bucket, and each on one of its own as well.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html
var (
	elbAll    = limit{shared: "all", burst: 40, refill: 10}
	elbRead   = limit{burst: 40, refill: 10}
	elbWrite  = limit{burst: 20, refill: 3}
	elbLimits = map[string]limit{
		"CreateLoadBalancer": {burst: 10, refill: 0.2},
		"SetSubnets":         {burst: 10, refill: 0.2},
		"RegisterTargets":    {burst: 20, refill: 4},
		"DeregisterTargets":  {burst: 20, refill: 4},
	}
)

// Route 53: five requests per second for an account, all operations and regions together.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html
var route53All = limit{shared: "all", burst: 5, refill: 5, global: true}

// STS: 600 requests per second for an account and region, charged to the caller.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
var stsAll = limit{shared: "all", burst: 600, refill: 600}

// Resource Groups Tagging API: 15 calls of GetResources per second.
// https://docs.aws.amazon.com/tag-editor/latest/userguide/reference.html
var getResourcesLimit = limit{burst: 15, refill: 15}

// limitsOf lists the buckets a call draws on. IAM and Auto Scaling publish none.
func limitsOf(c *call, in any) []limit {
	switch c.Service {
	case "EC2":
		own, ok := ec2Limits[c.Operation]
		switch {
		case ok:
		case c.Mutating:
			own = ec2Write
		case ec2Heavy[c.Operation] && reflect.ValueOf(in).Elem().IsZero():
			own = ec2Unfiltered
		default:
			own = ec2Read
		}
		return []limit{own}
	case elbv2, classicELB:
		own, ok := elbLimits[c.Operation]
		switch {
		case ok:
		case c.Mutating:
			own = elbWrite
		default:
			own = elbRead
		}
		return []limit{elbAll, own}
	case "Route 53":
		return []limit{route53All}
	case "STS":
		return []limit{stsAll}
	case groupsTagging:
		return []limit{getResourcesLimit}
	}
	return nil
}

// bucket names the budget that calls of one account draw on.
type bucket struct {
	scope
	service, calls string
	limit          limit
}

// budgets are the token buckets that have been drawn on.
type budgets map[bucket]*rate.Limiter

// spend draws one token from every bucket of a call, or none and refuses.
func (b budgets) spend(c *call, in any) error {
	var limiters []*rate.Limiter
	for _, l := range limitsOf(c, in) {
		key := bucket{scope{c.Account, c.Region}, c.Service, c.Operation, l}
		if l.shared != "" {
			key.calls = l.shared
		}
		if l.global {
			key.Region = global
		}
		limiter, ok := b[key]
		if !ok {
			limiter = rate.NewLimiter(rate.Limit(l.refill*c.w.options.Scale), l.burst)
			b[key] = limiter
		}
		if limiter.TokensAt(c.now()) < 1 {
			return throttled(c)
		}
		limiters = append(limiters, limiter)
	}
	for _, limiter := range limiters {
		limiter.AllowN(c.now(), 1)
	}
	return nil
}

// throttled refuses as each service does.
func throttled(c *call) error {
	switch c.Service {
	case "EC2":
		return refuse("RequestLimitExceeded", "Request limit exceeded.")
	case elbv2, classicELB:
		return refuse("ThrottlingException", "Rate exceeded")
	case groupsTagging:
		return refuse("ThrottledException", "Rate exceeded")
	}
	return refuse("Throttling", "Rate exceeded")
}
