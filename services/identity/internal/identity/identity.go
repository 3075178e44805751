// Package identity defines the AWS resources of a ClusterIdentity, the roles and instance profiles of its
// machines: one file per resource type, and Resources, the bill of materials in the order of creation.
//
// It calls AWS and imports neither generated protobuf nor the store. The sibling package api, its only
// importer, validates a specification and converts it into a Spec, so every Spec is valid.
package identity

import (
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// Spec is the desired cluster identity. Package api validates before it builds one, so every Spec is valid.
type Spec struct {
	// Region is the region of the cluster. The policies of its machines allow changes only there.
	Region string
}

// Part is the group of machines that a role and an instance profile are for.
type Part string

// The values appear in the names of roles and instance profiles.
const (
	ControlPlane Part = "control-plane"
	Node         Part = "node"
)

// Resources returns the bill of materials of a cluster identity as a graph, in the order of creation. It calls
// nothing in AWS.
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

// Factories returns one constructor per resource type. A delete uses it for the ledger entries
// that have no resource in the graph; such a resource has its Node and no spec.
func Factories(aws IAM, owner session.Owner) graph.Factories {
	in := account{IAM: aws, owner: owner}
	return graph.Factories{
		"role":                  func() graph.Resource { return &Role{account: in} },
		"role-policy":           func() graph.Resource { return &RolePolicy{account: in} },
		"instance-profile":      func() graph.Resource { return &InstanceProfile{account: in} },
		"instance-profile-role": func() graph.Resource { return &InstanceProfileRole{account: in} },
	}
}
