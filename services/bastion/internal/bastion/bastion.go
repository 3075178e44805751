// Package bastion declares what a bastion is made of in AWS: one file a kind of
// thing, and Resources, which lists them in the order they are built.
//
// It knows AWS, but neither the API's messages nor the store: the api package
// beside it parses a specification into a Spec, and a Spec that exists is valid.
package bastion

import (
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// Resources is the bill of materials: one host a zone, side by side.
func Resources(spec Spec, aws EC2, owner session.Owner) *graph.Graph {
	g := new(graph.Graph)
	in := account{EC2: aws, owner: owner}

	group := graph.Add(g, &graph.Dependency{Key: "security-group", Provider: spec.Network.Name, Value: spec.Network.SecurityGroup})
	for _, zone := range spec.Zones {
		subnet := graph.Add(g, &graph.Dependency{Key: "subnet/" + zone, Provider: spec.Network.Name, Value: spec.Network.Subnets[zone]})
		graph.Add(g, &Instance{account: in, Zone: zone, Type: spec.InstanceType, Image: spec.ImageID, Subnet: subnet, SecurityGroup: group})
	}
	return g
}

// Factories makes the empty resources that a deletion needs.
func Factories(aws EC2, owner session.Owner) graph.Factories {
	in := account{EC2: aws, owner: owner}
	return graph.Factories{
		"instance": func() graph.Resource { return &Instance{account: in} },
	}
}
