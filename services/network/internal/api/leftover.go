package api

import (
	"context"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/services/network/internal/leftover"
	"github.com/skep-dev/skep/services/network/internal/leftover/finding"
)

// leftovers connects leftover.Cleanup to networks: its methods are the hooks of the
// definition, and translate between records and the values of package leftover.
type leftovers struct {
	sessions     *session.Pool
	installation string
	referrers    object.ReferrerSet
}

// cleanup returns the cleanup of r, which removes the leftovers of the tenant of r.
func (l leftovers) cleanup(r *networkv1.Network) *leftover.Cleanup {
	tenant, cluster, retention := r.GetStatus().GetTenant(), r.GetSpec().GetCluster(), r.GetSpec().GetVolumeRetention()
	if tenant != nil {
		cluster, retention = tenant.GetCluster(), tenant.GetVolumeRetention()
	}
	return &leftover.Cleanup{
		Open: func(ctx context.Context) (leftover.AWS, error) {
			session, err := l.sessions.Session(ctx, r.GetSpec().GetAccount(), r.GetSpec().GetRegion())
			if err != nil {
				return leftover.AWS{}, err
			}
			return leftover.NewAWS(session.Config), nil
		},
		Owner:   named(r, object.Owner(l.installation, object.Networks, r, cluster)),
		Cluster: tenant.GetCluster().GetName(), VPC: r.GetStatus().GetVpcId(), UsedBy: l.referrers.First(r.GetName()), Deleting: r.GetDeleteTime() != nil,
		DeleteVolumes: retention == networkv1.VolumeRetention_DELETE, TimeScale: l.sessions.TimeScale(),
	}
}

// Sweep is the hook of the same name of reconciler.Reconciler.
func (l leftovers) Sweep(ctx context.Context, r *networkv1.Network, ledger graph.Ledger) error {
	return l.cleanup(r).Sweep(ctx, ledger)
}

// Prove is the hook of the same name of reconciler.Reconciler.
func (l leftovers) Prove(ctx context.Context, r *networkv1.Network, ledger graph.Ledger) (*reconciler.Proof, error) {
	proof, err := l.cleanup(r).Prove(ctx, ledger)
	return (*reconciler.Proof)(proof), err
}

// Release is the hook of the same name of reconciler.Reconciler. It acts on a network whose
// cluster released it, and removes the tenant after the proof is reported.
func (l leftovers) Release(ctx context.Context, r *networkv1.Network, ledger graph.Ledger, reported func(reconciler.Proof) bool) (waits string, proof *reconciler.Proof, err error) {
	if r.GetStatus().GetTenant() == nil || r.GetSpec().GetCluster() != nil {
		return "", nil, nil
	}
	waits, released, err := l.cleanup(r).Release(ctx, ledger)
	if proof = (*reconciler.Proof)(released); proof != nil && reported(*proof) {
		r.Status.Tenant, proof = nil, nil
	}
	return waits, proof, err
}

// explain serves ExplainNetworkDelete for r, whose ledger has these entries.
func (l leftovers) explain(ctx context.Context, r *networkv1.Network, entries []graph.Entry) (*networkv1.ExplainNetworkDeleteResponse, error) {
	explanations, err := l.cleanup(r).Explain(ctx, entries)
	if err != nil {
		return nil, err
	}
	out := &networkv1.ExplainNetworkDeleteResponse{}
	for _, e := range explanations {
		out.Dependents = append(out.Dependents, dependent(e))
	}
	return out, nil
}

var fates = map[finding.Disposition]typev1.Dependent_Fate{
	finding.Delete: typev1.Dependent_GOES, finding.ReleasedByAWS: typev1.Dependent_GOES,
	finding.Keep: typev1.Dependent_STAYS, finding.Foreign: typev1.Dependent_FOREIGN,
}

func dependent(e leftover.Explanation) *typev1.Dependent {
	d := &typev1.Dependent{
		Kind: string(e.Type), Id: e.ID, Name: e.Name, Fate: fates[e.Disposition], Creator: e.Creator, Action: e.Action(), Blocks: e.Blocked,
	}
	if !e.CreateTime.IsZero() {
		d.CreateTime = timestamppb.New(e.CreateTime)
	}
	if e.Price.Known {
		d.MonthlyUsd = &e.Price.USD
	}
	return d
}

// recordTenant records in the status the cluster that uses the network. The tenant stays
// in the status after the cluster released the network, until its leftovers are deleted.
func recordTenant(r *networkv1.Network) {
	if cluster := r.GetSpec().GetCluster(); cluster != nil {
		r.Status.Tenant = &networkv1.Tenant{Cluster: proto.CloneOf(cluster), VolumeRetention: r.GetSpec().GetVolumeRetention()}
	}
}

// checkTenant refuses a cluster in a network that still has leftovers of another cluster.
func checkTenant(old, desired *networkv1.Network) error {
	tenant, cluster := old.GetStatus().GetTenant().GetCluster(), desired.GetSpec().GetCluster()
	if tenant == nil || cluster == nil || tenant.GetUid() == cluster.GetUid() {
		return nil
	}
	return fault.InvalidFields(fault.Field{
		Path: "spec.cluster", Message: old.GetName() + " still has leftovers of " + tenant.GetName() + ": wait until they are deleted",
	})
}
