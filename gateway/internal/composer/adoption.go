package composer

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// Adoption is the claim of a cluster on a network that was made by itself. No part
// is declared before it holds, and it is given up once all of them are gone, so
// that nobody ever builds in the network of another cluster.
//
// A claim is one compare-and-swap: of two clusters that want a network at once,
// one has it and the other is told which.
type Adoption struct {
	graph.Node
	Peer *ComponentClient[*networkv1.Network]
	// Cluster is the cluster that claims.
	Cluster *typev1.ClusterReference
	// Wanted is the network as the cluster would have it, but for its VPC, which is
	// not the cluster's to say. It is nil when the claim is given up.
	Wanted *networkv1.Network
}

// claimTries is how often a claim is decided anew while its service, which writes
// often, is quicker.
const claimTries = 5

// Name implements graph.Resource.
func (a *Adoption) Name() string { return "adoption" }

// Needs implements graph.Resource.
func (a *Adoption) Needs() []graph.Resource { return nil }

// Key implements graph.NaturallyKeyed: a cluster adopts one network.
func (a *Adoption) Key() string { return a.Wanted.GetName() }

// ExpectedLatency implements graph.Asynchronous: a network that is ready is claimed at once, and what
// controllers left behind in it is removed before it is free for another.
func (a *Adoption) ExpectedLatency() graph.Latency {
	return graph.Latency{Ready: time.Second, Gone: 30 * time.Second}
}

// Observe implements graph.Resource.
func (a *Adoption) Observe(ctx context.Context) (graph.State, error) {
	there, err := a.Peer.get(ctx, a.ID())
	switch {
	case fault.Is(err, fault.NotFound) && a.Wanted == nil:
		return graph.Absent, nil
	case fault.Is(err, fault.NotFound):
		return graph.Absent, &fault.Fault{Kind: fault.Precondition, Class: fault.Configuration, Message: "the network " + a.ID() + " does not exist any more",
			Remedy: "Delete the cluster, and create it with another network."}
	case err != nil:
		return graph.Absent, err
	case a.Wanted == nil:
		return a.left(there), nil
	}
	return a.judge(there)
}

// judge says how far the claim is, or what is in its way.
func (a *Adoption) judge(there *networkv1.Network) (graph.State, error) {
	if reason, remedy := a.refusal(there); reason != "" {
		return graph.Absent, &fault.Fault{Kind: fault.Precondition, Class: fault.Configuration, Message: reason, Remedy: remedy}
	}
	switch {
	case proto.Equal(there.GetSpec(), a.claimed(there).GetSpec()):
		return graph.Ready, nil
	case a.ours(there) || object.State(there) == typev1.State_READY && object.IsObserved(there):
		return graph.Drifted, nil
	}
	return graph.Pending, nil
}

// left says how far the claim is given up.
func (a *Adoption) left(there *networkv1.Network) graph.State {
	switch {
	case a.ours(there):
		return graph.Ready
	case there.GetStatus().GetTenant().GetCluster().GetUid() == a.Cluster.GetUid():
		return graph.Pending
	}
	return graph.Absent
}

// ours reports whether the network is the cluster's.
func (a *Adoption) ours(there *networkv1.Network) bool {
	return there.GetSpec().GetCluster().GetUid() == a.Cluster.GetUid()
}

// refusal says why the cluster cannot have a network, and what to do about it; ""
// if it can.
func (a *Adoption) refusal(there *networkv1.Network) (reason, remedy string) {
	name, spec, wanted := there.GetName(), there.GetSpec(), a.Wanted.GetSpec()
	const another = "Create the cluster with another network"
	switch holder := holder(there); {
	case holder.GetUid() != "" && holder.GetUid() != a.Cluster.GetUid() && spec.GetCluster() == nil:
		return fmt.Sprintf("%s was adopted by %s, of which something is left in it", name, holder.GetName()), "Wait until it is given back, which takes some minutes."
	case holder.GetUid() != "" && holder.GetUid() != a.Cluster.GetUid():
		return fmt.Sprintf("%s is of %s, and a network serves one cluster at a time", name, holder.GetName()), another + ", or wait until that one is deleted."
	case there.GetDeleteTime() != nil:
		return name + " is being deleted", another + "."
	case spec.GetAccount() != wanted.GetAccount():
		return fmt.Sprintf("%s is in %s, and the cluster in %s", name, spec.GetAccount(), wanted.GetAccount()), another + "."
	case spec.GetRegion() != wanted.GetRegion():
		return fmt.Sprintf("%s is in %s, and the cluster in %s", name, spec.GetRegion(), wanted.GetRegion()), another + "."
	}
	return "", ""
}

// holder is the cluster that has a network, or that gave it back and of which
// something is left.
func holder(there *networkv1.Network) *typev1.ClusterReference {
	if cluster := there.GetSpec().GetCluster(); cluster != nil {
		return cluster
	}
	return there.GetStatus().GetTenant().GetCluster()
}

// claimed is a network as the cluster would have it.
func (a *Adoption) claimed(there *networkv1.Network) *networkv1.Network {
	claimed, wanted := proto.CloneOf(there), a.Wanted.GetSpec()
	claimed.Spec.Cluster, claimed.Spec.Access, claimed.Spec.VolumeRetention = a.Cluster, wanted.GetAccess(), wanted.GetVolumeRetention()
	return claimed
}

// released is a network without the claim.
func (a *Adoption) released(there *networkv1.Network) *networkv1.Network {
	released := proto.CloneOf(there)
	released.Spec.Cluster, released.Spec.Access, released.Spec.VolumeRetention = nil, nil, networkv1.VolumeRetention_VOLUME_RETENTION_UNSPECIFIED
	return released
}

// Create implements graph.Resource. What is in the way is told at the next look,
// since nothing was made that could be in doubt.
func (a *Adoption) Create(ctx context.Context) (graph.State, error) {
	if held, err := a.claim(ctx); err != nil || !held {
		return graph.Pending, nil //nolint:nilerr // The next look says what is in the way.
	}
	return graph.Ready, nil
}

// Update implements graph.Updater.
func (a *Adoption) Update(ctx context.Context) error {
	_, err := a.claim(ctx)
	return err
}

// claim claims the network if that is ready, and reports whether the cluster has it.
func (a *Adoption) claim(ctx context.Context) (held bool, err error) {
	err = a.swap(ctx, a.claimed, func(there *networkv1.Network) (bool, error) {
		state, err := a.judge(there)
		held = state == graph.Ready || state == graph.Drifted
		return state == graph.Drifted, err
	})
	return held && err == nil, err
}

// Delete implements graph.Resource: it gives the network back.
func (a *Adoption) Delete(ctx context.Context) error {
	err := a.swap(ctx, a.released, func(there *networkv1.Network) (bool, error) { return a.ours(there), nil })
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// swap replaces the network by what it becomes, if it is to be and nobody else
// changed it since it was looked at.
func (a *Adoption) swap(ctx context.Context, become func(*networkv1.Network) *networkv1.Network, due func(*networkv1.Network) (bool, error)) error {
	var err error
	for range claimTries {
		there, failed := a.Peer.Service.Get(ctx, a.ID())
		if failed != nil {
			return failed
		}
		if due, refused := due(there); refused != nil || !due {
			return refused
		}
		if err = a.Peer.Service.Apply(ctx, become(there)); !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	return err
}
