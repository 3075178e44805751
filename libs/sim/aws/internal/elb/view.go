package elb

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
	"github.com/skep-dev/skep/libs/sim/aws/internal/vpc"
)

// hostedZoneIDs are the hosted zones of the DNS names of network load balancers, by region. Other regions get an id
// made from their name.
// https://docs.aws.amazon.com/general/latest/gr/elb.html
var hostedZoneIDs = map[string]string{
	"eu-central-1": "Z3F0SRJ5LGBH90", "eu-west-1": "Z2IFOLAFXWLO4F", "eu-north-1": "Z1UDT6IFJ4EJM", "us-east-1": "Z26RNL4JYFTOTI",
	"us-east-2": "ZLMOA37VPKANP", "us-west-2": "Z18D5FSROUN65G",
}

// HostedZoneID returns the hosted zone of the DNS names of network load balancers in a region.
func HostedZoneID(region string) string {
	if id, ok := hostedZoneIDs[region]; ok {
		return id
	}
	return "Z0" + strings.ToUpper(strings.ReplaceAll(region, "-", ""))
}

func describeLoadBalancers(c *engine.Call, in *elb.DescribeLoadBalancersInput) (*elb.DescribeLoadBalancersOutput, error) {
	resources := LoadBalancers.List(c)
	if len(in.LoadBalancerArns) > 0 && len(in.Names) > 0 {
		return nil, engine.Refuse("ValidationError", "Load balancer names and ARNs cannot be specified at the same time")
	}
	if len(in.LoadBalancerArns) > 20 || len(in.Names) > 20 {
		return nil, engine.Refuse("ValidationError", "Up to 20 load balancers can be described in a single call")
	}
	if wanted := len(in.LoadBalancerArns) + len(in.Names); wanted > 0 {
		resources = slices.DeleteFunc(resources, func(r *engine.Resource[LoadBalancer]) bool {
			return !slices.Contains(in.LoadBalancerArns, r.ID) && !slices.Contains(in.Names, r.Data.Name)
		})
		if len(resources) < wanted {
			return nil, engine.Refuse("LoadBalancerNotFound", "One or more load balancers not found")
		}
	}
	resources, next, err := engine.Page(resources, in.PageSize, 400, in.Marker)
	if err != nil {
		return nil, err
	}
	out := &elb.DescribeLoadBalancersOutput{NextMarker: next}
	for _, r := range resources {
		out.LoadBalancers = append(out.LoadBalancers, showLoadBalancer(c, r))
	}
	return out, nil
}

// dnsName returns the DNS name of a load balancer, which contains the number of its ARN.
func dnsName(c *engine.Call, r *engine.Resource[LoadBalancer]) string {
	return fmt.Sprintf("%s-%s.elb.%s.amazonaws.com", r.Data.Name, r.ID[strings.LastIndex(r.ID, "/")+1:], c.Region)
}

func showLoadBalancer(c *engine.Call, r *engine.Resource[LoadBalancer]) types.LoadBalancer {
	state := types.LoadBalancerStateEnumActive
	if !r.Ready(c.Now()) {
		state = types.LoadBalancerStateEnumProvisioning
	}
	shown := types.LoadBalancer{
		LoadBalancerArn: aws.String(r.ID), LoadBalancerName: aws.String(r.Data.Name), Type: r.Data.Type,
		Scheme: r.Data.Scheme, VpcId: aws.String(r.Data.VPC), CreatedTime: aws.Time(r.CreatedAt), IpAddressType: types.IpAddressTypeIpv4,
		DNSName: aws.String(dnsName(c, r)), CanonicalHostedZoneId: aws.String(HostedZoneID(c.Region)),
		SecurityGroups: slices.Clone(r.Data.Groups), State: &types.LoadBalancerState{Code: state},
	}
	for _, s := range r.Data.Subnets {
		zone := types.AvailabilityZone{SubnetId: aws.String(s.Subnet), ZoneName: aws.String(s.Zone)}
		if s.Allocation != "" {
			zone.LoadBalancerAddresses = []types.LoadBalancerAddress{{AllocationId: aws.String(s.Allocation)}}
			if a, ok := vpc.Addresses.Find(c, s.Allocation); ok {
				zone.LoadBalancerAddresses[0].IpAddress = aws.String(a.Data.PublicIP)
			}
		}
		shown.AvailabilityZones = append(shown.AvailabilityZones, zone)
	}
	return shown
}
