package ingress

// APIEndpointSpec is the API endpoint that is wished for. One that exists is valid.
type APIEndpointSpec struct {
	// Zone is the DNS name of the cluster's zone, without a dot at its end.
	Zone string
	// Delegated says that a zone above this one is in the same account.
	Delegated bool
	// Parent is the id of that zone if it was found just now, and "" if it is to be
	// looked for.
	Parent string
	// Port is where the load balancer listens.
	Port int32
	// Network is what the network provides so far.
	Network Network
}

// Spec is the ingress that is wished for. One that exists is valid.
type Spec struct {
	// Zone is the DNS name of the cluster's zone and ZoneID the hosted zone; both
	// are empty as long as there is no such zone. Endpoint says whose zone it is.
	Zone, ZoneID, Endpoint string
	// Network is what the network provides so far.
	Network Network
}

// Network is what load balancers take from a network. What is not there yet is
// empty, and what needs it waits.
type Network struct {
	// Name says which network it is, for people.
	Name string
	// VPC is the id of the VPC.
	VPC string
	// Subnets are the ids of all public subnets, once the network reaches the
	// internet: a load balancer that faces it is refused before.
	Subnets []string
	// SecurityGroup is the id of the load balancer's security group.
	SecurityGroup string
}
