package api

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/reconciler"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/services/network/internal/leftover"
)

// releaseName is what the looks for what a cluster left behind are planned under.
const releaseName = "release"

// settle takes note of the cluster that a network is of, for as long as something
// of it may be in the VPC.
func settle(r *networkv1.Network) {
	if r.Status == nil {
		r.Status = new(networkv1.NetworkStatus)
	}
	if cluster := r.GetSpec().GetCluster(); cluster != nil {
		r.Status.Tenant = &networkv1.Tenant{Cluster: proto.CloneOf(cluster), VolumeRetention: r.GetSpec().GetVolumeRetention()}
	}
}

// free refuses a cluster in the network of another of which something is left.
func free(old, wanted *networkv1.Network) error {
	tenant, cluster := old.GetStatus().GetTenant().GetCluster(), wanted.GetSpec().GetCluster()
	if tenant == nil || cluster == nil || tenant.GetUid() == cluster.GetUid() {
		return nil
	}
	return fault.InvalidFields(fault.Field{Path: "spec.cluster", Message: old.GetName() + " is not free yet: something of " + tenant.GetName() + " is left in it"})
}

// tenant is whose leftovers are looked for in a network.
func (n *Networks) tenant(r *networkv1.Network) session.Owner {
	if tenant := r.GetStatus().GetTenant(); tenant != nil {
		return n.ownerFor(r, tenant.GetCluster())
	}
	return n.owner(r)
}

// release frees a network that a cluster gave back: what controllers in the cluster
// left in the VPC is removed, as it is when the network itself goes. What is foreign
// stays as it is, since nothing has to go that it could be in the way of.
func (n *Networks) release(ctx context.Context, r *networkv1.Network, ledger graph.Ledger, told func(reconciler.Proof) bool) (waits string, proof *reconciler.Proof, err error) {
	tenant, entries := r.GetStatus().GetTenant(), ledger.Entries()
	if tenant == nil || r.GetSpec().GetCluster() != nil {
		return "", nil, nil
	}
	if user := n.used(r); user != "" {
		return "is still used by " + user, nil, nil
	}
	going := slices.ContainsFunc(entries, func(e graph.Entry) bool { return leftover.IsLeftover(e.Name) })
	if going || time.Now().Before(ledger.NextPoll(releaseName)) {
		return "is freed of what " + tenant.GetCluster().GetName() + " left behind", nil, nil
	}
	left, kept, err := n.behind(ctx, r, entries)
	if err != nil {
		return "", nil, fmt.Errorf("look for what %s left behind: %w", tenant.GetCluster().GetName(), err)
	}
	if len(left) > 0 {
		ledger.SetNextPoll(releaseName, time.Now().Add(n.paced(time.Second)))
		return "is freed of what " + tenant.GetCluster().GetName() + " left behind", nil, intend(ctx, ledger, idOf(entries, "vpc"), left)
	}
	proof = &reconciler.Proof{Reason: "Empty", Message: fmt.Sprintf("Given back: nothing of %s with the uid %s is left in %s.",
		tenant.GetCluster().GetName(), tenant.GetCluster().GetUid(), idOf(entries, "vpc"))}
	if len(kept) > 0 {
		proof.Reason = "Kept"
		proof.Message += " Kept on purpose: " + strings.Join(kept, ", ") + "."
	}
	if told(*proof) {
		r.Status.Tenant, proof = nil, nil
	}
	return "", proof, nil
}

// behind is what a cluster left in a network and has to go, and the ids of what is
// kept on purpose. Most often three calls show that there is nothing.
func (n *Networks) behind(ctx context.Context, r *networkv1.Network, entries []graph.Entry) (left []leftover.Thing, kept []string, err error) {
	if idOf(entries, "vpc") == "" {
		return nil, nil, nil
	}
	finder, err := n.finder(ctx, r, entries)
	if err != nil {
		return nil, nil, err
	}
	finder.Members = false
	if clue, err := finder.Glance(ctx); err != nil || !clue {
		return nil, nil, err
	}
	things, err := finder.Look(ctx)
	for _, thing := range things {
		switch thing.Fate {
		case leftover.Goes, leftover.Freed:
			left = append(left, thing)
		case leftover.Kept:
			kept = append(kept, thing.ID)
		case leftover.Foreign:
		}
	}
	return left, kept, err
}
