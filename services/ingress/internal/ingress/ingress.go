// Package ingress declares what stands between a cluster and the internet in AWS:
// one file a kind of thing, and two bills of materials, APIEndpointResources and,
// of the ingress itself, Resources, which list them in the order they are built.
//
// It knows AWS, but neither the API's messages nor the store: the api package
// beside it parses a specification into an APIEndpointSpec or a Spec, and one
// that exists is valid.
package ingress

import (
	"strings"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// The ports of machines that load balancers send to.
const (
	portAPI = 6443
	// The node ports on which the cluster's own ingress controller listens.
	portNodeHTTP  = 30080
	portNodeHTTPS = 30443
)

// APIEndpointResources is the bill of materials of an API endpoint. The zone, the
// load balancer and the target group are made beside one another.
func APIEndpointResources(spec APIEndpointSpec, aws AWS, owner session.Owner) *graph.Graph {
	g := new(graph.Graph)
	in := account{AWS: aws, owner: owner}
	from := await(g, spec.Network)

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

// Resources is the bill of materials of an ingress.
func Resources(spec Spec, aws AWS, owner session.Owner) *graph.Graph {
	g := new(graph.Graph)
	in := account{AWS: aws, owner: owner}
	from := await(g, spec.Network)
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

// provided is what a network provides, as things need it.
type provided struct{ vpc, subnets, securityGroup *graph.Dependency }

func await(g *graph.Graph, n Network) provided {
	return provided{
		vpc:           graph.Add(g, &graph.Dependency{Key: "vpc", Provider: n.Name, Value: n.VPC}),
		subnets:       graph.Add(g, &graph.Dependency{Key: "public-subnets", Provider: n.Name, Value: strings.Join(n.Subnets, ",")}),
		securityGroup: graph.Add(g, &graph.Dependency{Key: "security-group", Provider: n.Name, Value: n.SecurityGroup}),
	}
}

// Factories makes the empty resources that a deletion needs, of either bill.
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
