// Package compute defines the AWS resources of a ControlPlane and of a NodePool: one file per resource type,
// and the bills of materials ControlPlaneResources and NodePoolResources in the order of creation.
//
// It calls AWS and imports neither generated protobuf nor the store. The sibling package api, its only
// importer, validates a specification and converts it into a ControlPlaneSpec or a NodePoolSpec, so every one
// is valid. Values of other services are dependencies in the graph: a missing one blocks only the resources
// that need it.
package compute

import (
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// These are the roles of machines: in the names of dependencies, and in the user data.
const (
	controlPlane = "control-plane"
	node         = "node"
)

// ControlPlaneResources returns the bill of materials of a control plane as a graph, in the order of creation. It
// calls nothing in AWS. The network interface and the etcd volume of a member outlive its instance: a new
// instance has the address and the data of the old one.
func ControlPlaneResources(spec ControlPlaneSpec, aws AWS, owner session.Owner) *graph.Graph {
	g := new(graph.Graph)
	in := account{AWS: aws, owner: owner}

	groups := securityGroups(g, spec.Network, controlPlane, spec.Network.SecurityGroups.ControlPlane)
	profile := addDependency(g, "instance-profile/"+controlPlane, spec.Identity.From, spec.Identity.Profile)
	host := addDependency(g, "api-host", spec.Endpoint.From, spec.Endpoint.Host)
	targetGroup := addDependency(g, "api-target-group", spec.Endpoint.From, spec.Endpoint.TargetGroup)
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

// NodePoolResources returns the bill of materials of a node pool as a graph, in the order of creation. It calls
// nothing in AWS.
func NodePoolResources(spec NodePoolSpec, aws AWS, owner session.Owner) *graph.Graph {
	g := new(graph.Graph)
	in := account{AWS: aws, owner: owner}

	groups := securityGroups(g, spec.Network, node, spec.Network.SecurityGroups.Node)
	profile := addDependency(g, "instance-profile/"+node, spec.Identity.From, spec.Identity.Profile)
	host := addDependency(g, "api-host", spec.Endpoint.From, spec.Endpoint.Host)
	boot := &Boot{Cluster: owner.Cluster, Role: node, Pool: spec.Pool, KubernetesVersion: spec.KubernetesVersion, API: host, Labels: spec.Labels}
	template := graph.Add(g, &LaunchTemplate{account: in, Spec: spec, Groups: groups, Profile: profile, Boot: boot})

	var subnets []*graph.Dependency
	for _, zone := range spec.Network.Zones {
		subnets = append(subnets, subnet(g, spec.Network, zone))
	}
	group := graph.Add(g, &AutoScalingGroup{account: in, Spec: spec, Template: template, Subnets: subnets})
	if spec.Ingress != nil {
		for _, of := range []struct{ listener, targetGroup string }{{"http", spec.Ingress.HTTPTargetGroup}, {"https", spec.Ingress.HTTPSTargetGroup}} {
			targets := addDependency(g, "ingress-target-group/"+of.listener, spec.Ingress.From, of.targetGroup)
			graph.Add(g, &TargetGroupAttachment{account: in, Listener: of.listener, Group: group, TargetGroup: targets})
		}
	}
	return g
}

// Factories returns one constructor per resource type of control planes and node pools. A delete uses it for the
// ledger entries that have no resource in the graph; such a resource has its Node and no spec.
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

func addDependency(g *graph.Graph, key, provider, value string) *graph.Dependency {
	return graph.Add(g, &graph.Dependency{Key: key, Provider: provider, Value: value})
}

func subnet(g *graph.Graph, network Network, zone string) *graph.Dependency {
	return addDependency(g, "subnet/"+zone, network.From, network.Subnets[zone])
}

// securityGroups adds the security groups of a machine: the group of its role, and the group for the load balancers
// of Services.
func securityGroups(g *graph.Graph, network Network, role, group string) []*graph.Dependency {
	return []*graph.Dependency{
		addDependency(g, "security-group/"+role, network.From, group),
		addDependency(g, "security-group/load-balancer", network.From, network.SecurityGroups.LoadBalancer),
	}
}

// needs returns dependencies and resources in one list.
func needs(dependencies []*graph.Dependency, resources ...graph.Resource) []graph.Resource {
	all := make([]graph.Resource, 0, len(dependencies)+len(resources))
	for _, dependency := range dependencies {
		all = append(all, dependency)
	}
	return append(all, resources...)
}

// values returns the values of dependencies; a value is "" while it is missing.
func values(dependencies []*graph.Dependency) []string {
	all := make([]string, 0, len(dependencies))
	for _, dependency := range dependencies {
		all = append(all, dependency.Value)
	}
	return all
}
