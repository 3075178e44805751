// Package api holds the definitions of the identity service's object types, and the
// servers of what is no object: credentials and API budgets.
package api

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/definition"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/services/identity/internal/identity"
)

// ClusterIdentities is the definition of the object type ClusterIdentity. Referrers
// are the machines that carry a cluster identity.
func ClusterIdentities(secrets Secrets, referrers object.ReferrerSet) definition.Definition[*identityv1.ClusterIdentity, identity.Spec] {
	return definition.Definition[*identityv1.ClusterIdentity, identity.Spec]{
		Type: object.ClusterIdentities,
		Stages: []reconciler.Stage{
			{Type: "RolesReady", ResourceTypes: []string{"role", "role-policy"}},
			{Type: "InstanceProfilesReady", ResourceTypes: []string{"instance-profile", "instance-profile-role"}},
		},
		Prepare: secrets.prepare,
		Build: func(_ *identityv1.ClusterIdentity, spec identity.Spec, config aws.Config, owner session.Owner) *graph.Graph {
			return identity.Resources(spec, iam.NewFromConfig(config), owner)
		},
		Factories: func(_ *identityv1.ClusterIdentity, config aws.Config, owner session.Owner) graph.Factories {
			return identity.Factories(iam.NewFromConfig(config), owner)
		},
		DeleteBlocker: func(r *identityv1.ClusterIdentity) func(string) string { return blockAll(r, referrers) },
		Status:        render,
	}
}

// prepare creates the certificate authorities and the signing key once: running
// machines trust them for the life of the cluster. One write stores their public
// halves in the status and their private halves, sealed, in the record. A plan needs
// no keys.
func (s Secrets) prepare(_ context.Context, in definition.Preparation[*identityv1.ClusterIdentity]) (identity.Spec, error) {
	if !in.Plan {
		if err := s.create(in.Object, in.Record); err != nil {
			return identity.Spec{}, fmt.Errorf("create keys: %w", err)
		}
	}
	return parseSpec(in.Object.GetSpec()), nil
}

// blockAll keeps all resources while a machine carries the identity: a machine without
// its role cannot drain.
func blockAll(r *identityv1.ClusterIdentity, referrers object.ReferrerSet) func(string) string {
	return func(string) string {
		if r.GetDeleteTime() == nil {
			return ""
		}
		if user := referrers.First(r.GetName()); user != "" {
			return "is still used by " + user
		}
		return ""
	}
}
