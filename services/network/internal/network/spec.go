package network

import "net/netip"

// Spec is the network that is wished for. A Spec that exists is valid.
type Spec struct {
	// Region is the AWS region.
	Region string
	// CIDR is the range of the VPC.
	CIDR netip.Prefix
	// Zones are the zones to use with their ranges.
	Zones []Zone
	// Egress says how private subnets reach the internet.
	Egress Egress
	// Access says who may reach what.
	Access Access
}

// Zone is one availability zone and the ranges it is given.
type Zone struct {
	Name    string
	Public  netip.Prefix
	Private netip.Prefix
}

// Egress says how private subnets reach the internet.
type Egress int

// The ways out.
const (
	// NATPerZone is one NAT gateway a zone.
	NATPerZone Egress = iota
	// NATSingle is one NAT gateway in the first zone, for all.
	NATSingle
	// Closed is no way out.
	Closed
)

// Access says who may reach what. What is not given is closed.
type Access struct {
	// API, Ingress and VPN are the ranges that may reach the Kubernetes API, the
	// ingress load balancer, and the bastions.
	API, Ingress, VPN []netip.Prefix
	// APIPort is the port of the API's load balancer.
	APIPort int32
	// Bastion says whether there are bastions.
	Bastion bool
}

// Tier says who lives in a subnet.
type Tier string

// The tiers.
const (
	// Public is for load balancers and NAT gateways.
	Public Tier = "public"
	// Private is for everything else.
	Private Tier = "private"
)
