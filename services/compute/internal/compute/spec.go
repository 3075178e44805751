package compute

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// ControlPlaneSpec is the control plane that is wished for. A ControlPlaneSpec
// that exists is valid.
type ControlPlaneSpec struct {
	// Replicas is how many members there are.
	Replicas int
	// InstanceType and ImageID are what each of them is.
	InstanceType string
	ImageID      string
	// EtcdVolumeGiB is the size of each etcd volume.
	EtcdVolumeGiB int32
	// KubernetesVersion is what they run.
	KubernetesVersion string

	Network  Network
	Identity Identity
	Endpoint Endpoint
}

// Member is one machine of a control plane.
type Member struct {
	// Name tells the members apart: the zone, and in a second round through the
	// zones the round.
	Name string
	// Zone is where it lives.
	Zone string
}

// Members are spread over the zones. The same member is in the same zone
// however many there are, so that none moves when their number changes.
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

// NodePoolSpec is the node pool that is wished for. A NodePoolSpec that exists
// is valid.
type NodePoolSpec struct {
	// Pool is the name of the pool within its cluster.
	Pool string
	// InstanceTypes are what its nodes may be, most wanted first. All of them are
	// of one architecture.
	InstanceTypes []string
	ImageID       string
	// Min and Max are the fewest and the most nodes.
	Min, Max int32
	// Labels are the Kubernetes labels of the nodes.
	Labels map[string]string
	// KubernetesVersion is what they run.
	KubernetesVersion string

	Network  Network
	Identity Identity
	Endpoint Endpoint
	// Ingress is nil if the cluster has none.
	Ingress *Ingress
}

// overrides are the instance types as a mixed instances policy takes them.
func (s NodePoolSpec) overrides() []types.LaunchTemplateOverrides {
	overrides := make([]types.LaunchTemplateOverrides, 0, len(s.InstanceTypes))
	for _, name := range s.InstanceTypes {
		overrides = append(overrides, types.LaunchTemplateOverrides{InstanceType: &name})
	}
	return overrides
}

// The following are what other services provide. A value that is "" is not
// there yet; From says who provides it.

// Network is what a network provides.
type Network struct {
	From string
	// Zones are frozen and known from the start.
	Zones []string
	// Subnets are the private ones by zone, SecurityGroups all of them by role.
	Subnets        map[string]string
	SecurityGroups map[string]string
}

// Identity is what a cluster identity provides to one role.
type Identity struct {
	From string
	// Profile is the name of the instance profile.
	Profile string
}

// Endpoint is what an API endpoint provides.
type Endpoint struct {
	From string
	// Host is where the API is reached, as host and port.
	Host string
	// TargetGroup is the ARN of what control-plane members register with.
	TargetGroup string
}

// Ingress is what an ingress provides.
type Ingress struct {
	From string
	// TargetGroups are the ARNs of what node pools attach to, by name.
	TargetGroups map[string]string
}
