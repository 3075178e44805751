package aws

import (
	"fmt"
	"maps"
	"slices"
)

// quotas are how many there may be of a thing. They are AWS's own, save the first two, which anybody who builds clusters
// has had raised.
// https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
var quotas = map[string]int{
	"VpcsPerRegion":              50,  // AWS: 5
	"AddressesPerRegion":         100, // AWS: 5
	"InternetGatewaysPerRegion":  50,  // AWS: as many as VPCs
	"CidrBlocksPerVpc":           5,
	"SubnetsPerVpc":              200,
	"NatGatewaysPerZone":         5,
	"RouteTablesPerVpc":          200,
	"RoutesPerRouteTable":        500,
	"GatewayEndpointsPerRegion":  20,
	"SecurityGroupsPerRegion":    2500,
	"RulesPerSecurityGroup":      60, // in each direction
	"SecurityGroupsPerInterface": 5,
	"NetworkInterfacesPerRegion": 5000,
	"TagsPerResource":            50,

	// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-on-demand-instances.html#ec2-on-demand-instances-limits
	"VCPUsPerRegion":           4096, // AWS: 5, raised with use; spot instances count too
	"LaunchTemplatesPerRegion": 5000,
	// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-quotas.html
	"AutoScalingGroupsPerRegion": 500,
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-limits.html
	"NetworkLoadBalancersPerRegion": 50,
	"TargetGroupsPerRegion":         3000,
	"ListenersPerLoadBalancer":      50,
	// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html
	"HostedZonesPerAccount": 500,
	"RecordSetsPerZone":     10000,
	"ChangesPerBatch":       1000,
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
	"RolesPerAccount":            1000,
	"InstanceProfilesPerAccount": 1000,
	"PoliciesPerRole":            10, // managed ones

	"FilterValuesPerRequest": 200,
}

// full refuses one more of a thing of which there are have already.
func (c *call) full(quota string, have int, code, format string, args ...any) error {
	limit, ok := c.w.options.Quotas[quota]
	if !ok {
		limit, ok = quotas[quota]
	}
	if !ok {
		panic(fmt.Sprintf("awssim: there is no quota %s, only %v", quota, slices.Sorted(maps.Keys(quotas))))
	}
	if have < limit {
		return nil
	}
	return refuse(code, format, args...)
}
