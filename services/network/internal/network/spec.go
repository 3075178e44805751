package network

import "net/netip"

// Spec is the desired network. Package api validates before it builds one, so every Spec is valid.
type Spec struct {
	// Region is the AWS region.
	Region string
	// CIDR is the range of the VPC.
	CIDR netip.Prefix
	// Zones are the zones of the subnets, with their ranges.
	Zones []Zone
	// Egress is the way from the private subnets to the internet.
	Egress Egress
	// Access is the access from outside the VPC.
	Access Access
}

// Zone is one availability zone with the ranges of its two subnets.
type Zone struct {
	Name    string
	Public  netip.Prefix
	Private netip.Prefix
}

// Egress is the way from the private subnets to the internet.
type Egress int

// The zero value is NATPerZone.
const (
	// NATPerZone means one NAT gateway in every zone.
	NATPerZone Egress = iota
	// NATSingle means one NAT gateway in the first zone, for all zones.
	NATSingle
	// Closed means that private subnets have no route to the internet.
	Closed
)

// Access lists the ranges that reach the network from outside the VPC. The default differs per list:
// an empty API or Ingress list opens the port to 0.0.0.0/0, an empty VPN list keeps port 22 of the bastions closed.
type Access struct {
	// API lists the ranges that may reach the Kubernetes API. Empty means 0.0.0.0/0.
	API []netip.Prefix
	// Ingress lists the ranges that may reach the ingress load balancer on ports 80 and 443. Empty means 0.0.0.0/0.
	Ingress []netip.Prefix
	// VPN lists the ranges that may reach the bastions on port 22. Empty means none.
	VPN []netip.Prefix
	// APIPort is the port of the API load balancer.
	APIPort int32
	// Bastion adds the security group of the bastions, and SSH access from it to the machines.
	Bastion bool
}

// Tier is the use of a subnet.
type Tier string

// Both tiers have one subnet in every zone.
const (
	// Public is the tier of load balancers and NAT gateways.
	Public Tier = "public"
	// Private is the tier of all machines.
	Private Tier = "private"
)
