// Package identity declares who the machines of a cluster are in AWS: one file a
// kind of thing, and Resources, which lists them in the order they are built.
//
// It knows AWS, but neither the API's messages nor the store: the api package
// beside it parses a specification into a Spec, and a Spec that exists is valid.
package identity

import (
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// Spec is the cluster identity that is wished for. A Spec that exists is valid.
type Spec struct {
	// Region is where the cluster is: its machines may act there and nowhere else.
	Region string
}

// Part is which machines a role is for.
type Part string

// The parts of a cluster.
const (
	ControlPlane Part = "control-plane"
	Node         Part = "node"
)

// Resources is the bill of materials: what exists, in the order it is built.
func Resources(spec Spec, aws IAM, owner session.Owner) *graph.Graph {
	g := new(graph.Graph)
	in := account{IAM: aws, owner: owner}
	at := scope{region: spec.Region, cluster: owner.Cluster}
	for _, part := range []struct {
		Part
		policies []Policy
	}{
		{ControlPlane, []Policy{machinePolicy(at), cloudControllerPolicy(at), autoscalerPolicy(at), volumePolicy(at)}},
		{Node, []Policy{machinePolicy(at)}},
	} {
		role := graph.Add(g, &Role{account: in, Part: part.Part})
		graph.Add(g, &RolePolicy{account: in, Role: role, Policies: part.policies})
		profile := graph.Add(g, &InstanceProfile{account: in, Part: part.Part})
		graph.Add(g, &InstanceProfileRole{account: in, Profile: profile, Role: role})
	}
	return g
}

// Factories makes the empty resources that a deletion needs.
func Factories(aws IAM, owner session.Owner) graph.Factories {
	in := account{IAM: aws, owner: owner}
	return graph.Factories{
		"role":                  func() graph.Resource { return &Role{account: in} },
		"role-policy":           func() graph.Resource { return &RolePolicy{account: in} },
		"instance-profile":      func() graph.Resource { return &InstanceProfile{account: in} },
		"instance-profile-role": func() graph.Resource { return &InstanceProfileRole{account: in} },
	}
}
