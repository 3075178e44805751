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

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// LoadBalancer is a network load balancer in the public subnets. Its name is unique in the account and region:
// it is the ID until the ARN is known. The resource is ready as soon as the load balancer exists, because
// listeners and records need no more; LoadBalancerActivation waits until it carries traffic.
type LoadBalancer struct {
	graph.Node
	account
	// Use is `api` or `ingress`.
	Use string
	// Subnets holds the ids of the public subnets, separated by commas. The value is present once the internet gateway
	// is attached.
	Subnets       *graph.Dependency
	SecurityGroup *graph.Dependency
}

// These are the attributes of a load balancer. An alias record needs the first two.
const (
	// DNSName is the attribute with the DNS name that AWS gives the load balancer.
	DNSName = "dns-name"
	// CanonicalZone is the attribute with the id of the hosted zone of AWS that contains this name.
	CanonicalZone = "canonical-zone"
	// removed is the attribute that marks an accepted delete: from then on Observe searches only for the network
	// interfaces of the load balancer.
	removed = "removed"
)

// Name implements graph.Resource.
func (l *LoadBalancer) Name() string { return "load-balancer/" + l.Use }

// Needs implements graph.Resource.
func (l *LoadBalancer) Needs() []graph.Resource {
	return []graph.Resource{l.Subnets, l.SecurityGroup}
}

// Key implements graph.NaturallyKeyed: the name, at most 32 characters.
func (l *LoadBalancer) Key() string { return l.owner.Cluster + "-" + l.Use }

// ExpectedLatency implements graph.Asynchronous. AWS does not document how long the network interfaces outlive their
// load balancer: usually about 20 s, sometimes minutes.
func (l *LoadBalancer) ExpectedLatency() graph.Latency {
	return graph.Latency{Deleted: latency.Of(latency.LoadBalancerReleased)}
}

// Observe implements graph.Resource. A load balancer is absent only when its network interfaces are absent too,
// because they block the deletion of subnets and security groups.
func (l *LoadBalancer) Observe(ctx context.Context) (graph.State, error) {
	if l.Attribute(removed) != "" {
		return l.observeInterfaces(ctx)
	}
	found, err := findLoadBalancer(ctx, l, l.ID())
	if err != nil {
		return graph.Absent, err
	}
	if found == nil {
		return l.observeInterfaces(ctx)
	}
	l.setAttributes(found)
	if found.State != nil && found.State.Code == types.LoadBalancerStateEnumFailed {
		return graph.Absent, &fault.Fault{Kind: fault.Precondition, Class: fault.Dependency,
			Message: "AWS could not create the load balancer: " + aws.ToString(found.State.Reason),
			AWSCode: string(found.State.Code), Remedy: "Fix the cause that the message names."}
	}
	if l.Subnets != nil && (!l.guarded(found) || !l.placed(found)) {
		return graph.Drifted, nil
	}
	return graph.Ready, nil
}

// findLoadBalancer returns the load balancer with this ARN or name, or nil.
func findLoadBalancer(ctx context.Context, api ELB, id string) (*types.LoadBalancer, error) {
	in := &elb.DescribeLoadBalancersInput{Names: []string{id}}
	if strings.HasPrefix(id, "arn:") {
		in = &elb.DescribeLoadBalancersInput{LoadBalancerArns: []string{id}}
	}
	out, err := api.DescribeLoadBalancers(ctx, in)
	if err != nil {
		return nil, errorclass.IgnoreNotFound(err)
	}
	return session.Only(out.LoadBalancers)
}

func (l *LoadBalancer) setAttributes(found *types.LoadBalancer) {
	l.SetID(aws.ToString(found.LoadBalancerArn))
	l.SetAttribute(DNSName, aws.ToString(found.DNSName))
	l.SetAttribute(CanonicalZone, aws.ToString(found.CanonicalHostedZoneId))
}

// guarded reports whether the load balancer has exactly the desired security group.
func (l *LoadBalancer) guarded(found *types.LoadBalancer) bool {
	return slices.Equal(found.SecurityGroups, []string{l.SecurityGroup.Value})
}

// placed reports whether the load balancer is in exactly the desired subnets.
func (l *LoadBalancer) placed(found *types.LoadBalancer) bool {
	var observed []string
	for _, zone := range found.AvailabilityZones {
		observed = append(observed, aws.ToString(zone.SubnetId))
	}
	slices.Sort(observed)
	return slices.Equal(observed, slices.Sorted(slices.Values(l.subnets())))
}

func (l *LoadBalancer) subnets() []string { return strings.Split(l.Subnets.Value, ",") }

// observeInterfaces returns Pending while network interfaces of the deleted load balancer exist, and Absent
// after. It finds them by the description that AWS gives them: `ELB net/<name>/<hash>`, the end of the ARN.
func (l *LoadBalancer) observeInterfaces(ctx context.Context) (graph.State, error) {
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
	for _, created := range out.LoadBalancers {
		l.setAttributes(&created)
	}
	return graph.Ready, nil
}

// Update implements graph.Updater. It restores the security group and the subnets.
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

// Delete implements graph.Resource. DeleteLoadBalancer takes only an ARN, so Delete first finds it if the ID is a name.
func (l *LoadBalancer) Delete(ctx context.Context) error {
	if !strings.HasPrefix(l.ID(), "arn:") {
		found, err := findLoadBalancer(ctx, l, l.ID())
		if err != nil || found == nil {
			return err
		}
		l.setAttributes(found)
	}
	if _, err := l.DeleteLoadBalancer(ctx, &elb.DeleteLoadBalancerInput{LoadBalancerArn: aws.String(l.ID())}); errorclass.IgnoreNotFound(err) != nil {
		return err
	}
	l.SetAttribute(removed, "true")
	return nil
}
