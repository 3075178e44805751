package bastion

// Spec is the desired bastion. Package api validates before it builds one, so every Spec is valid.
type Spec struct {
	// Zones are the zones of the hosts, one host per zone.
	Zones []string
	// InstanceType is the EC2 instance type of every host.
	InstanceType string
	// ImageID is the id of the machine image of every host.
	ImageID string
	// Network holds the values that the network service provides.
	Network Network
}

// Network holds the values that the network service provides. A value is "" until the network has it.
type Network struct {
	// Name is the name of the Network in the API of Skep. It appears in messages about missing values.
	Name string
	// Subnets maps each zone to the id of its private subnet.
	Subnets map[string]string
	// SecurityGroup is the id of the security group of the bastions.
	SecurityGroup string
}
