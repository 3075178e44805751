package api

import (
	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/services/identity/internal/identity"
)

// parseSpec converts a spec.
func parseSpec(spec *identityv1.ClusterIdentitySpec) identity.Spec {
	return identity.Spec{Region: spec.GetRegion()}
}

// render writes the instance profiles of machines into the status.
func render(c *identityv1.ClusterIdentity, entries map[string]graph.Entry) {
	c.Status.ControlPlane = instanceProfile(entries, identity.ControlPlane)
	c.Status.Node = instanceProfile(entries, identity.Node)
}

// instanceProfile returns an instance profile, or nil until EC2 knows it.
func instanceProfile(entries map[string]graph.Entry, part identity.Part) *identityv1.InstanceProfile {
	if entries["instance-profile-role/"+string(part)].State != graph.Ready {
		return nil
	}
	profile, role := entries["instance-profile/"+string(part)], entries["role/"+string(part)]
	return &identityv1.InstanceProfile{
		Name: profile.ID, Arn: profile.Attributes[identity.ARN], RoleArn: role.Attributes[identity.ARN],
	}
}
