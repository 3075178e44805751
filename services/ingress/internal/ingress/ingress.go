// Package ingress defines the AWS resources of an ApiEndpoint and of an Ingress: one file per resource type, and
// the bills of materials APIEndpointResources and Resources in the order of creation.
//
// It calls AWS and imports neither generated protobuf nor the store. The sibling package api, its only
// importer, validates a specification and converts it into an APIEndpointSpec or a Spec, so every one is valid.
package ingress

import (
	"strings"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// The load balancers forward to these ports of the machines.
const (
	portAPI = 6443
	// The ingress controller of the cluster listens on these node ports.
	portNodeHTTP  = 30080
	portNodeHTTPS = 30443
)

// APIEndpointResources returns the bill of materials of an API endpoint as a graph, in the order of creation. It calls
// nothing in AWS. Zone, load balancer and target group do not depend on each other, so they are created concurrently.
func APIEndpointResources(spec APIEndpointSpec, aws AWS, owner session.Owner) *graph.Graph {
	g := new(graph.Graph)
	in := account{AWS: aws, owner: owner}
	from := addNetwork(g, spec.Network)

	zone := graph.Add(g, &HostedZone{account: in, Zone: spec.Zone})
	graph.Add(g, &HostedZoneTags{account: in, Zone: zone})
	if spec.Delegated {
		parent := graph.Add(g, &ParentZone{account: in, Zone: spec.Zone, Found: spec.Parent})
		graph.Add(g, &Delegation{account: in, Parent: parent, Zone: zone})
	}

	balancer := graph.Add(g, &LoadBalancer{account: in, Use: "api", Subnets: from.subnets, SecurityGroup: from.securityGroup})
	graph.Add(g, &LoadBalancerActivation{account: in, LoadBalancer: balancer})
	targets := graph.Add(g, &TargetGroup{account: in, Use: "api", Port: portAPI, Readyz: true, VPC: from.vpc})
	graph.Add(g, &TargetGroupAttributes{account: in, TargetGroup: targets, Attributes: apiAttributes})
	graph.Add(g, &Listener{account: in, Port: spec.Port, LoadBalancer: balancer, TargetGroup: targets})
	graph.Add(g, &Record{account: in, Use: "api", DNSName: "api." + spec.Zone, Zone: zone, LoadBalancer: balancer})
	return g
}

// Resources returns the bill of materials of an ingress as a graph, in the order of creation. It calls nothing in AWS.
func Resources(spec Spec, aws AWS, owner session.Owner) *graph.Graph {
	g := new(graph.Graph)
	in := account{AWS: aws, owner: owner}
	from := addNetwork(g, spec.Network)
	zone := graph.Add(g, &graph.Dependency{Key: "hosted-zone", Provider: spec.Endpoint, Value: spec.ZoneID})

	balancer := graph.Add(g, &LoadBalancer{account: in, Use: "ingress", Subnets: from.subnets, SecurityGroup: from.securityGroup})
	graph.Add(g, &LoadBalancerActivation{account: in, LoadBalancer: balancer})
	http := graph.Add(g, &TargetGroup{account: in, Use: "http", Port: portNodeHTTP, VPC: from.vpc})
	https := graph.Add(g, &TargetGroup{account: in, Use: "https", Port: portNodeHTTPS, VPC: from.vpc})
	graph.Add(g, &Listener{account: in, Port: 80, LoadBalancer: balancer, TargetGroup: http})
	graph.Add(g, &Listener{account: in, Port: 443, LoadBalancer: balancer, TargetGroup: https})
	graph.Add(g, &Record{account: in, Use: "wildcard", DNSName: "*." + spec.Zone, ZoneID: zone, LoadBalancer: balancer})
	return g
}

// provided holds the values of a Network as dependencies.
type provided struct{ vpc, subnets, securityGroup *graph.Dependency }

func addNetwork(g *graph.Graph, n Network) provided {
	return provided{
		vpc:           graph.Add(g, &graph.Dependency{Key: "vpc", Provider: n.Name, Value: n.VPC}),
		subnets:       graph.Add(g, &graph.Dependency{Key: "public-subnets", Provider: n.Name, Value: strings.Join(n.Subnets, ",")}),
		securityGroup: graph.Add(g, &graph.Dependency{Key: "security-group", Provider: n.Name, Value: n.SecurityGroup}),
	}
}

// Factories returns one constructor per resource type of both bills of materials. A delete uses it for the ledger
// entries that have no resource in the graph; such a resource has its Node and no spec.
func Factories(aws AWS, owner session.Owner) graph.Factories {
	in := account{AWS: aws, owner: owner}
	return graph.Factories{
		"load-balancer":            func() graph.Resource { return &LoadBalancer{account: in} },
		"load-balancer-activation": func() graph.Resource { return &LoadBalancerActivation{account: in} },
		"target-group":             func() graph.Resource { return &TargetGroup{account: in} },
		"target-group-attributes":  func() graph.Resource { return &TargetGroupAttributes{account: in} },
		"listener":                 func() graph.Resource { return &Listener{account: in} },
		"hosted-zone":              func() graph.Resource { return &HostedZone{account: in} },
		"hosted-zone-tags":         func() graph.Resource { return &HostedZoneTags{account: in} },
		"parent-zone":              func() graph.Resource { return &ParentZone{account: in} },
		"delegation":               func() graph.Resource { return &Delegation{account: in} },
		"record":                   func() graph.Resource { return &Record{account: in} },
	}
}
