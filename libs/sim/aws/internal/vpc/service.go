package vpc

import "github.com/skep-dev/skep/libs/sim/aws/internal/engine"

// AddTo adds the resource types and operations of Amazon VPC to EC2.
func AddTo(s *engine.Service) {
	for name, limit := range quotas {
		s.Quotas[name] = limit
	}
	s.AddTypes(
		VPCs, Subnets, InternetGateways, NATGateways, routeTables, Addresses, Endpoints, PeeringConnections,
		networkACLs, NetworkInterfaces, SecurityGroups, SecurityGroupRules,
	)
	handleVPCs(s)
	handleVpcAttribute(s)
	handleVpcCidrBlock(s)
	handleSubnet(s)
	handleInternetGateway(s)
	handleNATGateways(s)
	handleRouteTable(s)
	handleRouteTableAssociation(s)
	handleRoute(s)
	handleAddress(s)
	handleVpcEndpoint(s)
	handleVpcPeeringConnection(s)
	handleNetworkACLs(s)
	handleNetworkInterface(s)
	handleSecurityGroup(s)
	handleSecurityGroupRule(s)
}

// quotas are the service quotas of AWS, except the first two, which every operator of clusters has had raised.
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
}
