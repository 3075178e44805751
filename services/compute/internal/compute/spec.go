package compute

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// ControlPlaneSpec is the desired control plane. Package api validates before it builds one, so every
// ControlPlaneSpec is valid.
type ControlPlaneSpec struct {
	// Replicas is the number of members.
	Replicas int
	// InstanceType is the EC2 instance type of every member.
	InstanceType string
	// ImageID is the id of the machine image of every member.
	ImageID string
	// EtcdVolumeGiB is the size of each etcd volume, in GiB.
	EtcdVolumeGiB int32
	// KubernetesVersion is the version of Kubernetes on the members, such as 1.35.
	KubernetesVersion string

	Network  Network
	Identity Identity
	Endpoint Endpoint
}

// Member is one machine of a control plane.
type Member struct {
	// Name is unique among the members: the zone, and from the second member in a zone on the zone and a
	// number, such as eu-central-1a-2.
	Name string
	// Zone is the availability zone.
	Zone string
}

// Members returns the members, spread over the zones. The list for a smaller number is a prefix of the list for
// a larger one, so no member moves when the number changes.
func (s ControlPlaneSpec) Members() []Member {
	members := make([]Member, 0, s.Replicas)
	for i := range s.Replicas {
		zone := s.Network.Zones[i%len(s.Network.Zones)]
		member := Member{Name: zone, Zone: zone}
		if round := i/len(s.Network.Zones) + 1; round > 1 {
			member.Name = fmt.Sprintf("%s-%d", zone, round)
		}
		members = append(members, member)
	}
	return members
}

// NodePoolSpec is the desired node pool. Package api validates before it builds one, so every NodePoolSpec is valid.
type NodePoolSpec struct {
	// Pool is the name of the pool within its cluster.
	Pool string
	// InstanceTypes are the allowed EC2 instance types, in order of preference. All have the same architecture.
	InstanceTypes []string
	// ImageID is the id of the machine image of every node.
	ImageID string
	// Min and Max are the minimum and the maximum number of nodes.
	Min, Max int32
	// Labels are the Kubernetes labels of the nodes.
	Labels map[string]string
	// KubernetesVersion is the version of Kubernetes on the nodes, such as 1.35.
	KubernetesVersion string

	Network  Network
	Identity Identity
	Endpoint Endpoint
	// Ingress is nil if the cluster has no ingress.
	Ingress *Ingress
}

// overrides returns the instance types as the overrides of a mixed instances policy.
func (s NodePoolSpec) overrides() []types.LaunchTemplateOverrides {
	overrides := make([]types.LaunchTemplateOverrides, 0, len(s.InstanceTypes))
	for _, name := range s.InstanceTypes {
		overrides = append(overrides, types.LaunchTemplateOverrides{InstanceType: &name})
	}
	return overrides
}

// The following types hold values that other services provide. A value is "" until its service has it. From is the
// name of the object that provides it, for messages.

// Network holds the values of a Network.
type Network struct {
	From string
	// Zones are the frozen zones of the network. They are known before the first resource is created.
	Zones []string
	// Subnets maps each zone to the id of its private subnet.
	Subnets        map[string]string
	SecurityGroups SecurityGroups
}

// SecurityGroups holds the ids of the security groups that machines carry.
type SecurityGroups struct {
	ControlPlane, Node string
	// LoadBalancer is the group whose rules the cloud controller manager maintains, for the load balancers of Services.
	LoadBalancer string
}

// Identity holds the values of a ClusterIdentity for one role.
type Identity struct {
	From string
	// Profile is the name of the instance profile.
	Profile string
}

// Endpoint holds the values of an ApiEndpoint.
type Endpoint struct {
	From string
	// Host is the address of the Kubernetes API, as host:port.
	Host string
	// TargetGroup is the ARN of the target group of the control-plane members.
	TargetGroup string
}

// Ingress holds the values of an Ingress.
type Ingress struct {
	From string
	// HTTPTargetGroup and HTTPSTargetGroup are the ARNs of the target groups of its listeners.
	HTTPTargetGroup, HTTPSTargetGroup string
}
