// Package compute declares what the machines of a cluster are made of in AWS:
// one file a kind of thing, and ControlPlaneResources and NodePoolResources,
// which list them in the order they are built.
//
// It knows AWS, but neither the API's messages nor the store: the api package
// beside it parses a specification into a ControlPlaneSpec or a NodePoolSpec,
// and one that exists is valid. What other services provide is declared as
// awaited, so that everything that does not need it goes on without.
package compute

import (
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// The roles of machines, as their security groups and instance profiles call them.
const (
	controlPlane = "control-plane"
	node         = "node"
	// loadBalancer is the group that the cloud controller manager keeps, to let the
	// load balancers of Services in.
	loadBalancer = "load-balancer"
)

// ControlPlaneResources is the bill of materials of a control plane. Network
// interface and etcd volume of a member outlive its instance: a new one has the
// address and the data of the old.
func ControlPlaneResources(spec ControlPlaneSpec, aws AWS, owner session.Owner) *graph.Graph {
	g := new(graph.Graph)
	in := account{AWS: aws, owner: owner}

	groups := securityGroups(g, spec.Network, controlPlane, loadBalancer)
	profile := await(g, "instance-profile/"+controlPlane, spec.Identity.From, spec.Identity.Profile)
	host := await(g, "api-host", spec.Endpoint.From, spec.Endpoint.Host)
	targetGroup := await(g, "api-target-group", spec.Endpoint.From, spec.Endpoint.TargetGroup)
	boot := &Boot{Cluster: owner.Cluster, Role: controlPlane, KubernetesVersion: spec.KubernetesVersion, API: host}

	subnets := make(map[string]*graph.Dependency)
	for _, member := range spec.Members() {
		if subnets[member.Zone] == nil {
			subnets[member.Zone] = subnet(g, spec.Network, member.Zone)
		}
		nic := graph.Add(g, &NetworkInterface{account: in, Member: member, Subnet: subnets[member.Zone], Groups: groups})
		volume := graph.Add(g, &EtcdVolume{account: in, Member: member, GiB: spec.EtcdVolumeGiB})
		instance := graph.Add(g, &Instance{account: in, Member: member, Interface: nic, Profile: profile, Boot: boot,
			Type: spec.InstanceType, Image: spec.ImageID})
		graph.Add(g, &VolumeAttachment{account: in, Volume: volume, Instance: instance})
		graph.Add(g, &Target{account: in, Instance: instance, TargetGroup: targetGroup})
	}
	return g
}

// NodePoolResources is the bill of materials of a node pool.
func NodePoolResources(spec NodePoolSpec, aws AWS, owner session.Owner) *graph.Graph {
	g := new(graph.Graph)
	in := account{AWS: aws, owner: owner}

	groups := securityGroups(g, spec.Network, node, loadBalancer)
	profile := await(g, "instance-profile/"+node, spec.Identity.From, spec.Identity.Profile)
	host := await(g, "api-host", spec.Endpoint.From, spec.Endpoint.Host)
	boot := &Boot{Cluster: owner.Cluster, Role: node, Pool: spec.Pool, KubernetesVersion: spec.KubernetesVersion, API: host, Labels: spec.Labels}
	template := graph.Add(g, &LaunchTemplate{account: in, Spec: spec, Groups: groups, Profile: profile, Boot: boot})

	var subnets []*graph.Dependency
	for _, zone := range spec.Network.Zones {
		subnets = append(subnets, subnet(g, spec.Network, zone))
	}
	group := graph.Add(g, &AutoScalingGroup{account: in, Spec: spec, Template: template, Subnets: subnets})
	if spec.Ingress != nil {
		for _, listener := range []string{"http", "https"} {
			targets := await(g, "ingress-target-group/"+listener, spec.Ingress.From, spec.Ingress.TargetGroups[listener])
			graph.Add(g, &TargetGroupAttachment{account: in, Listener: listener, Group: group, TargetGroup: targets})
		}
	}
	return g
}

// Factories makes the empty resources that a deletion needs, of control planes and
// node pools.
func Factories(aws AWS, owner session.Owner) graph.Factories {
	in := account{AWS: aws, owner: owner}
	return graph.Factories{
		"network-interface":       func() graph.Resource { return &NetworkInterface{account: in} },
		"etcd-volume":             func() graph.Resource { return &EtcdVolume{account: in} },
		"instance":                func() graph.Resource { return &Instance{account: in} },
		"volume-attachment":       func() graph.Resource { return &VolumeAttachment{account: in} },
		"target":                  func() graph.Resource { return &Target{account: in} },
		"launch-template":         func() graph.Resource { return &LaunchTemplate{account: in} },
		"auto-scaling-group":      func() graph.Resource { return &AutoScalingGroup{account: in} },
		"target-group-attachment": func() graph.Resource { return &TargetGroupAttachment{account: in} },
	}
}

func await(g *graph.Graph, what, from, value string) *graph.Dependency {
	return graph.Add(g, &graph.Dependency{Key: what, Provider: from, Value: value})
}

func subnet(g *graph.Graph, network Network, zone string) *graph.Dependency {
	return await(g, "subnet/"+zone, network.From, network.Subnets[zone])
}

func securityGroups(g *graph.Graph, network Network, roles ...string) []*graph.Dependency {
	groups := make([]*graph.Dependency, 0, len(roles))
	for _, role := range roles {
		groups = append(groups, await(g, "security-group/"+role, network.From, network.SecurityGroups[role]))
	}
	return groups
}

// needs lists what a resource needs, of what is awaited and what is made.
func needs(awaited []*graph.Dependency, made ...graph.Resource) []graph.Resource {
	all := make([]graph.Resource, 0, len(awaited)+len(made))
	for _, need := range awaited {
		all = append(all, need)
	}
	return append(all, made...)
}

// values are what was provided.
func values(awaited []*graph.Dependency) []string {
	provided := make([]string, 0, len(awaited))
	for _, need := range awaited {
		provided = append(provided, need.Value)
	}
	return provided
}
