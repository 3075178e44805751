package aws

import "github.com/skep-dev/skep/libs/sim/aws/internal/engine"

// AddNetwork adds the resource types and operations of Amazon VPC to EC2.
func AddNetwork(s *engine.Service) {
	for name, limit := range networkQuotas {
		s.Quotas[name] = limit
	}
	s.AddTypes(
		vpcs, subnets, internetGateways, natGateways, routeTables, addresses, vpcEndpoints, peerings,
		networkACLs, networkInterfaces, securityGroups, securityGroupRules,
	)
	handleAvailabilityZone(s)
	handleVpc(s)
	handleVpcAttribute(s)
	handleVpcCidrBlock(s)
	handleSubnet(s)
	handleInternetGateway(s)
	handleNatGateway(s)
	handleRouteTable(s)
	handleRouteTableAssociation(s)
	handleRoute(s)
	handleAddress(s)
	handleVpcEndpoint(s)
	handleVpcPeeringConnection(s)
	handleNetworkAcl(s)
	handleNetworkInterface(s)
	handleSecurityGroup(s)
	handleSecurityGroupRule(s)
}

// networkQuotas are the service quotas of AWS, except the first two, which every operator of clusters has had raised.
// https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
var networkQuotas = map[string]int{
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
}
