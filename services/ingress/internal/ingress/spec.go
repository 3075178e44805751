package ingress

// APIEndpointSpec is the desired API endpoint. Package api validates before it builds one, so every
// APIEndpointSpec is valid.
type APIEndpointSpec struct {
	// Zone is the DNS name of the cluster's zone, without a final dot.
	Zone string
	// Delegated adds the delegation in the parent zone. It is set if that zone is in the same account.
	Delegated bool
	// Parent is the id of the parent zone if the caller has found it already; with "", ParentZone searches for it.
	Parent string
	// Port is the port of the load balancer.
	Port int32
	// Network holds the values that the network service provides.
	Network Network
}

// Spec is the desired ingress. Package api validates before it builds one, so every Spec is valid.
type Spec struct {
	// Zone is the DNS name of the cluster's zone, or "" while the API endpoint has none.
	Zone string
	// ZoneID is the id of the hosted zone, or "" while the API endpoint has none.
	ZoneID string
	// Endpoint identifies the API endpoint that provides the zone, for messages.
	Endpoint string
	// Network holds the values that the network service provides.
	Network Network
}

// Network holds the values that the network service provides. A value is empty until the network has it; the
// resources that need it wait.
type Network struct {
	// Name identifies the network, for messages.
	Name string
	// VPC is the id of the VPC.
	VPC string
	// Subnets are the ids of all public subnets. The list is empty until the internet gateway is attached,
	// because AWS refuses an internet-facing load balancer before.
	Subnets []string
	// SecurityGroup is the id of the load balancer's security group.
	SecurityGroup string
}
