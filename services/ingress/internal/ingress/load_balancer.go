package ingress

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// LoadBalancer is a network load balancer in the public subnets. Its name is
// unique in account and region, and stands for it until its ARN is known. It is
// ready as soon as it exists, since that is all that listeners and records need;
// that it carries traffic is the business of LoadBalancerActivation.
type LoadBalancer struct {
	graph.Node
	account
	// Use is what it is for: `api` or `ingress`.
	Use string
	// Subnets are the ids of the public subnets, separated by commas. They are
	// provided once the network reaches the internet.
	Subnets       *graph.Awaited
	SecurityGroup *graph.Awaited
}

// The attributes of a load balancer that records point at.
const (
	// DNSName is the name under which AWS publishes the load balancer.
	DNSName = "dns-name"
	// CanonicalZone is the hosted zone of AWS that the name is in.
	CanonicalZone = "canonical-zone"
	// removed says that AWS took the order to delete it: the load balancer is gone,
	// and only its network interfaces are to be looked for.
	removed = "removed"
)

// Name implements graph.Resource.
func (l *LoadBalancer) Name() string { return "load-balancer/" + l.Use }

// Needs implements graph.Resource.
func (l *LoadBalancer) Needs() []graph.Resource {
	return []graph.Resource{l.Subnets, l.SecurityGroup}
}

// Key implements graph.Keyed: the name, of at most 32 characters.
func (l *LoadBalancer) Key() string { return l.owner.Cluster + "-" + l.Use }

// Usual implements graph.Slow. A load balancer is gone when its network interfaces are.
func (l *LoadBalancer) Usual() graph.Latency {
	return graph.Latency{Gone: latency.Of(latency.LoadBalancerReleased)}
}

// Observe implements graph.Resource. A load balancer is gone when its network
// interfaces are, because they keep subnets and security groups from going.
func (l *LoadBalancer) Observe(ctx context.Context) (graph.State, error) {
	if l.Attribute(removed) != "" {
		return l.lingers(ctx)
	}
	found, err := findLoadBalancer(ctx, l, l.ID())
	if err != nil {
		return graph.Absent, err
	}
	if found == nil {
		return l.lingers(ctx)
	}
	l.remember(found)
	if found.State != nil && found.State.Code == types.LoadBalancerStateEnumFailed {
		return graph.Absent, &fault.Fault{Kind: fault.Precondition, Class: fault.Dependency,
			Message: "the load balancer could not be made: " + aws.ToString(found.State.Reason),
			AWSCode: string(found.State.Code), Remedy: "Mend what the message names."}
	}
	if l.Subnets != nil && (!l.guarded(found) || !l.placed(found)) {
		return graph.Drifted, nil
	}
	return graph.Ready, nil
}

// findLoadBalancer looks a load balancer up by its ARN, or by its name.
func findLoadBalancer(ctx context.Context, api ELB, id string) (*types.LoadBalancer, error) {
	in := &elb.DescribeLoadBalancersInput{Names: []string{id}}
	if strings.HasPrefix(id, "arn:") {
		in = &elb.DescribeLoadBalancersInput{LoadBalancerArns: []string{id}}
	}
	out, err := api.DescribeLoadBalancers(ctx, in)
	if err != nil {
		return nil, session.IgnoreGone(err)
	}
	return session.Only(out.LoadBalancers)
}

func (l *LoadBalancer) remember(found *types.LoadBalancer) {
	l.SetID(aws.ToString(found.LoadBalancerArn))
	l.SetAttribute(DNSName, aws.ToString(found.DNSName))
	l.SetAttribute(CanonicalZone, aws.ToString(found.CanonicalHostedZoneId))
}

// guarded reports whether the load balancer has the security group that is declared, and no other.
func (l *LoadBalancer) guarded(found *types.LoadBalancer) bool {
	return slices.Equal(found.SecurityGroups, []string{l.SecurityGroup.Value})
}

// placed reports whether the load balancer is in the subnets that are declared.
func (l *LoadBalancer) placed(found *types.LoadBalancer) bool {
	var there []string
	for _, zone := range found.AvailabilityZones {
		there = append(there, aws.ToString(zone.SubnetId))
	}
	slices.Sort(there)
	return slices.Equal(there, slices.Sorted(slices.Values(l.subnets())))
}

func (l *LoadBalancer) subnets() []string { return strings.Split(l.Subnets.Value, ",") }

// lingers is Pending as long as network interfaces of a load balancer that is
// gone are not. AWS describes them as `ELB net/<name>/<hash>`, which is the end of
// the ARN.
func (l *LoadBalancer) lingers(ctx context.Context) (graph.State, error) {
	_, rest, known := strings.Cut(l.ID(), ":loadbalancer/")
	if !known {
		rest = "net/" + l.ID() + "/*"
	}
	out, err := l.DescribeNetworkInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{Filters: []ec2types.Filter{
		{Name: aws.String("description"), Values: []string{"ELB " + rest}},
	}})
	if err != nil {
		return graph.Absent, err
	}
	if len(out.NetworkInterfaces) > 0 {
		return graph.Pending, nil
	}
	return graph.Absent, nil
}

// Create implements graph.Resource.
func (l *LoadBalancer) Create(ctx context.Context) (graph.State, error) {
	out, err := l.CreateLoadBalancer(ctx, &elb.CreateLoadBalancerInput{
		Name:           aws.String(l.Key()),
		Type:           types.LoadBalancerTypeEnumNetwork,
		Scheme:         types.LoadBalancerSchemeEnumInternetFacing,
		Subnets:        l.subnets(),
		SecurityGroups: []string{l.SecurityGroup.Value},
		Tags:           l.loadBalancingTags(l.Name(), l.Token()),
	})
	if err != nil {
		return graph.Absent, err
	}
	for _, made := range out.LoadBalancers {
		l.remember(&made)
	}
	return graph.Ready, nil
}

// Update implements graph.Updater: it closes what was opened by hand, and moves
// the load balancer to its subnets.
func (l *LoadBalancer) Update(ctx context.Context) error {
	found, err := findLoadBalancer(ctx, l, l.ID())
	if err != nil || found == nil {
		return err
	}
	if !l.guarded(found) {
		if _, err := l.SetSecurityGroups(ctx, &elb.SetSecurityGroupsInput{LoadBalancerArn: aws.String(l.ID()), SecurityGroups: []string{l.SecurityGroup.Value}}); err != nil {
			return err
		}
	}
	if !l.placed(found) {
		if _, err := l.SetSubnets(ctx, &elb.SetSubnetsInput{LoadBalancerArn: aws.String(l.ID()), Subnets: l.subnets()}); err != nil {
			return err
		}
	}
	return nil
}

// Delete implements graph.Resource. DeleteLoadBalancer takes an ARN only.
func (l *LoadBalancer) Delete(ctx context.Context) error {
	if !strings.HasPrefix(l.ID(), "arn:") {
		found, err := findLoadBalancer(ctx, l, l.ID())
		if err != nil || found == nil {
			return err
		}
		l.remember(found)
	}
	if _, err := l.DeleteLoadBalancer(ctx, &elb.DeleteLoadBalancerInput{LoadBalancerArn: aws.String(l.ID())}); session.IgnoreGone(err) != nil {
		return err
	}
	l.SetAttribute(removed, "true")
	return nil
}
