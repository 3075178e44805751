package ratelimit

import (
	"math"
	"slices"
	"strings"

	"github.com/skep-dev/skep/libs/platform/callcontext"
)

// Family is one token bucket of AWS: a burst and a refill per second, for one API action or for several actions that
// share it.
type Family struct {
	// Name is the action, or the name of the group of actions.
	Name string
	// Burst is the number of calls that a full bucket allows at once.
	Burst int
	// Refill is the number of calls per second in the long run.
	Refill float64
	// Global means that all regions share the bucket.
	Global bool
}

// The AWS services that Skep calls, by the prefixes of their endpoints.
const (
	ec2     = "ec2"
	elb     = "elasticloadbalancing"
	route53 = "route53"
	sts     = "sts"
	iam     = "iam"
	scaling = "autoscaling"
	tagging = "tagging"
)

// prefixes maps the names of the services in the SDK to the prefixes of their endpoints.
var prefixes = map[string]string{
	"EC2": ec2, "Elastic Load Balancing v2": elb, "Route 53": route53, "STS": sts, "IAM": iam, "Auto Scaling": scaling,
	"Resource Groups Tagging API": tagging,
}

// bucketsOf returns the token buckets that a call takes a token from: first the shared bucket, then its own, which is
// scarcer.
func bucketsOf(call Call) []Bucket {
	service := prefixes[call.Service]
	if service == "" {
		service = strings.ToLower(strings.ReplaceAll(call.Service, " ", ""))
	}
	var buckets []Bucket
	for _, family := range families(service, call.Operation) {
		bucket := Bucket{Account: call.Account, Region: call.Region, Service: service, Family: family}
		if FamilyOf(service, family).Global {
			bucket.Region = Global
		}
		buckets = append(buckets, bucket)
	}
	return buckets
}

// all is the family of every action of a service.
const all = "all"

// families returns the names of the families that an action belongs to.
func families(service, operation string) []string {
	switch service {
	case ec2:
		return []string{operation}
	case elb:
		return []string{all, elbFamily(operation)}
	default:
		return []string{all}
	}
}

func elbFamily(operation string) string {
	switch {
	case operation == "CreateLoadBalancer", operation == "SetSubnets":
		return operation
	case operation == "RegisterTargets", operation == "DeregisterTargets":
		return "targets"
	case Reads(operation):
		return "reads"
	default:
		return "writes"
	}
}

// FamilyOf returns the limits of a family of a service, as AWS publishes them:
//   - EC2, one bucket per action: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
//   - Elastic Load Balancing: https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html
//   - Route 53, one bucket for all actions and regions: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html
//   - STS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
//
// AWS publishes no limits for IAM, Auto Scaling and the remaining services; the limits here were never throttled in
// practice.
func FamilyOf(service, name string) Family {
	switch service {
	case ec2:
		return ec2FamilyOf(name)
	case elb:
		return elbFamilyOf(name)
	case route53:
		return Family{Name: name, Burst: 5, Refill: 5, Global: true}
	case sts:
		return Family{Name: name, Burst: 600, Refill: 600}
	case tagging:
		return Family{Name: name, Burst: 15, Refill: 15}
	case iam:
		return Family{Name: name, Burst: 20, Refill: 10, Global: true}
	default:
		return Family{Name: name, Burst: 20, Refill: 10}
	}
}

// ec2Limits are the actions of EC2 with other limits than plain reads (burst 100, refill 20 per second) and plain
// writes (burst 50, refill 5 per second).
var ec2Limits = []struct {
	burst      int
	refill     float64
	operations []string
}{
	{5, 2, []string{"RunInstances", "StartInstances", "AuthorizeClientVpnIngress", "CreateClientVpnRoute"}},
	{10, 1, []string{"CreateNatGateway", "DeleteNatGateway", "AssociateNatGatewayAddress"}},
	{4, 0.3, []string{"CreateVpcEndpoint", "ModifyVpcEndpoint", "DeleteVpcEndpoints"}},
	{100, 5, []string{"CreateNetworkInterface", "DeleteNetworkInterface", "CreateVolume", "CreateLaunchTemplateVersion", "TerminateInstances"}},
	{100, 10, []string{"CreateTags", "DeleteTags"}},
}

func ec2FamilyOf(operation string) Family {
	for _, limit := range ec2Limits {
		if slices.Contains(limit.operations, operation) {
			return Family{Name: operation, Burst: limit.burst, Refill: limit.refill}
		}
	}
	if Reads(operation) {
		return Family{Name: operation, Burst: 100, Refill: 20}
	}
	return Family{Name: operation, Burst: 50, Refill: 5}
}

func elbFamilyOf(name string) Family {
	switch name {
	case "CreateLoadBalancer", "SetSubnets":
		return Family{Name: name, Burst: 10, Refill: 0.2}
	case "targets":
		return Family{Name: name, Burst: 20, Refill: 4}
	case "reads", all:
		return Family{Name: name, Burst: 40, Refill: 10}
	default:
		return Family{Name: name, Burst: 20, Refill: 3}
	}
}

// Reads reports whether an API action only reads.
func Reads(operation string) bool {
	return slices.ContainsFunc([]string{"Describe", "Get", "List", "Search"}, func(prefix string) bool {
		return strings.HasPrefix(operation, prefix)
	})
}

// block is the number of tokens of the family that may be drawn and unspent at one time: half a second of refill, at
// least one.
func (f Family) block() int { return max(1, int(f.Refill*tokenLifetime.Seconds())) }

// capacity is the largest number of tokens in the bucket. It is one block less than the burst of AWS: while a block
// of drawn tokens is unspent, the bucket of AWS may be full and lose refill that ours counts.
func (f Family) capacity() float64 { return max(1, float64(f.Burst-f.block())) }

// Reserve returns the number of tokens that a priority leaves in the bucket for higher priorities: a scan half of the
// capacity, a change a tenth and at least one, a repair none. The smallest buckets have no reserve.
func (f Family) Reserve(p callcontext.Priority) float64 {
	switch {
	case f.Burst < 4 || p >= callcontext.Repair:
		return 0
	case p == callcontext.Change:
		return max(1, math.Floor(f.capacity()/10))
	default:
		return max(1, math.Floor(f.capacity()/2))
	}
}
