package bastion

// Spec is the bastion that is wished for. A Spec that exists is valid.
type Spec struct {
	// Zones are the zones to have a host in.
	Zones []string
	// InstanceType and ImageID are those of every host.
	InstanceType string
	ImageID      string
	// Network is what the network provides.
	Network Network
}

// Network is what a network provides, empty where it is not there yet.
type Network struct {
	// Name is the network by its name in Skep.
	Name string
	// Subnets are the private subnets by zone.
	Subnets map[string]string
	// SecurityGroup is the group of bastions.
	SecurityGroup string
}
