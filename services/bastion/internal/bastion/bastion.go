// Package bastion defines the AWS resources of a Bastion: one file per resource type, and Resources,
// the bill of materials in the order of creation.
//
// It calls AWS and imports neither generated protobuf nor the store. The sibling package api, its only
// importer, validates a specification and converts it into a Spec, so every Spec is valid.
package bastion

import (
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// Resources returns the bill of materials of a bastion as a graph: one host per zone, none of which waits for
// another. It calls nothing in AWS.
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

// Factories returns one constructor per resource type. A delete uses it for the ledger entries
// that have no resource in the graph; such a resource has its Node and no spec.
func Factories(aws EC2, owner session.Owner) graph.Factories {
	in := account{EC2: aws, owner: owner}
	return graph.Factories{
		"instance": func() graph.Resource { return &Instance{account: in} },
	}
}
