package api

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/iam"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/collection"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/services/identity/internal/identity"
)

// ClusterIdentities is all that is particular to cluster identities: how one is
// declared, what it is made of, what it keeps secret, and who must be gone before it.
type ClusterIdentities struct {
	// Bucket holds the cluster identities.
	Bucket *store.Bucket
	// Sessions opens their accounts.
	Sessions *session.Pool
	// Installation is tagged on everything.
	Installation string
	// Secrets closes their private keys and opens them.
	Secrets Secrets
	// Referrers are the machines that carry a cluster identity.
	Referrers *object.Referrers
}

// stages are the conditions of a cluster identity.
var stages = []reconciler.Stage{
	{Type: "RolesReady", ResourceTypes: []string{"role", "role-policy"}},
	{Type: "InstanceProfilesReady", ResourceTypes: []string{"instance-profile", "instance-profile-role"}},
}

func (c *ClusterIdentities) collection() *collection.Collection[*identityv1.ClusterIdentity] {
	return &collection.Collection[*identityv1.ClusterIdentity]{Type: object.ClusterIdentities, Bucket: c.Bucket}
}

// Reconciler keeps what cluster identities declare.
func (c *ClusterIdentities) Reconciler() *reconciler.Reconciler[*identityv1.ClusterIdentity] {
	return &reconciler.Reconciler[*identityv1.ClusterIdentity]{
		Type: object.ClusterIdentities, Bucket: c.Bucket, TimeScale: c.Sessions.TimeScale(), ResyncPeriod: c.Sessions.ResyncPeriod(), InventoryAudit: c.Sessions.Missing, Stages: stages,
		Prepare: c.prepare, Graph: c.graph, Factories: c.factories, DeleteBlocker: c.deleteBlocker, RenderStatus: render,
	}
}

// prepare makes the certificate authorities and the signing key, once: machines
// that were started trust them as long as the cluster lives. Their public halves
// go into the status, and in the same write their private ones, sealed, beside it.
func (c *ClusterIdentities) prepare(_ context.Context, r *identityv1.ClusterIdentity, record *recordv1.Record) error {
	if r.Status == nil {
		r.Status = new(identityv1.ClusterIdentityStatus)
	}
	if err := c.Secrets.make(r, record); err != nil {
		return fmt.Errorf("make keys: %w", err)
	}
	return nil
}

func (c *ClusterIdentities) graph(ctx context.Context, r *identityv1.ClusterIdentity) (*graph.Graph, error) {
	api, err := c.open(ctx, r.GetSpec())
	if err != nil {
		return nil, err
	}
	return identity.Resources(parseSpec(r.GetSpec()), api, c.owner(r)), nil
}

func (c *ClusterIdentities) factories(ctx context.Context, r *identityv1.ClusterIdentity) (graph.Factories, error) {
	api, err := c.open(ctx, r.GetSpec())
	if err != nil {
		return nil, err
	}
	return identity.Factories(api, c.owner(r)), nil
}

// deleteBlocker keeps everything until no machine carries the identity: a machine without
// its role cannot even drain.
func (c *ClusterIdentities) deleteBlocker(r *identityv1.ClusterIdentity) func(string) string {
	return func(string) string {
		if r.GetDeleteTime() == nil {
			return ""
		}
		if keys := c.Referrers.Keys(r.GetName()); len(keys) > 0 {
			return "is still used by " + keys[0]
		}
		return ""
	}
}

func (c *ClusterIdentities) plan(ctx context.Context, in *identityv1.PlanClusterIdentityRequest) (*identityv1.PlanClusterIdentityResponse, error) {
	r := in.GetClusterIdentity()
	if there, ok := object.Find[*identityv1.ClusterIdentity](c.Bucket, object.ClusterIdentities, r.GetName()); ok {
		r.Uid, r.Status = there.GetUid(), there.GetStatus()
	}
	g, err := c.graph(ctx, r)
	if err != nil {
		return nil, err
	}
	actions, err := g.Plan(ctx, graph.Walk{Ledger: c.Reconciler().RecordedLedger(r.GetName())})
	if err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	return &identityv1.PlanClusterIdentityResponse{Actions: reconciler.Actions(r.GetName(), actions), Zones: in.GetAssumeZones()}, nil
}

func (c *ClusterIdentities) open(ctx context.Context, spec *identityv1.ClusterIdentitySpec) (identity.IAM, error) {
	session, err := c.Sessions.Session(ctx, spec.GetAccount(), spec.GetRegion())
	if err != nil {
		return nil, err
	}
	return iam.NewFromConfig(session.Config), nil
}

func (c *ClusterIdentities) owner(r *identityv1.ClusterIdentity) session.Owner {
	return object.Owner(c.Installation, object.ClusterIdentities, r, r.GetSpec().GetCluster())
}
