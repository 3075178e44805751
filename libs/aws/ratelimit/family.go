package ratelimit

import (
	"math"
	"slices"
	"strings"

	"github.com/skep-dev/skep/libs/platform/callcontext"
)

// Family is one token bucket of AWS: a burst, refilled so many times a second,
// for one API action or for several that share it.
type Family struct {
	// Name is the action, or what its actions have in common.
	Name string
	// Burst is how many calls a full bucket allows at once.
	Burst int
	// Refill is how many calls a second it allows in the long run.
	Refill float64
	// Global says that all regions share it.
	Global bool
}

// The AWS services that are called, by the prefixes of their endpoints.
const (
	ec2     = "ec2"
	elb     = "elasticloadbalancing"
	route53 = "route53"
	sts     = "sts"
	iam     = "iam"
	scaling = "autoscaling"
	tagging = "tagging"
)

// prefixes are the services by the names that the SDK gives them.
var prefixes = map[string]string{
	"EC2": ec2, "Elastic Load Balancing v2": elb, "Route 53": route53, "STS": sts, "IAM": iam, "Auto Scaling": scaling,
	"Resource Groups Tagging API": tagging,
}

// bucketsOf are the token buckets that a call takes from, all of them: first what
// it shares with others, then its own, which is scarcer.
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

// families are the names of the families that an action is of.
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

// FamilyOf returns the figures of a family of a service. They are those that AWS
// publishes:
//   - EC2, one bucket per action: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
//   - Elastic Load Balancing: https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html
//   - Route 53, one bucket for all actions and regions: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html
//   - STS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
//
// For IAM, Auto Scaling and all others AWS publishes none; those here have been
// seen to be safe.
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

// ec2Figures are the actions of EC2 that are neither a plain read (100 calls,
// refilled by 20 a second) nor a plain write (50 by 5).
var ec2Figures = []struct {
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
	for _, figure := range ec2Figures {
		if slices.Contains(figure.operations, operation) {
			return Family{Name: operation, Burst: figure.burst, Refill: figure.refill}
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

// block is how many tokens of the family may be drawn at a time and not be spent
// yet: half a second of refill, and at least one.
func (f Family) block() int { return max(1, int(f.Refill*hold.Seconds())) }

// capacity is the most that the bucket is taken to hold. It is a block less than
// AWS's burst: while that much is drawn and not spent yet, AWS's bucket may be
// full and take no refill that ours takes.
func (f Family) capacity() float64 { return max(1, float64(f.Burst-f.block())) }

// Reserve is what a priority leaves in the bucket for those before it: a scan
// half of it, a change a tenth and at least one, a repair nothing. Of the
// smallest buckets nothing can be spared.
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
