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

// Adoption is a cluster's claim on a standalone network. The composer applies components
// only while the claim holds and releases it after the last component is deleted, so that
// two clusters never build in one network.
//
// A claim is one compare-and-swap: when two clusters claim a network at once, one succeeds
// and the other gets a fault that names the owner.
type Adoption struct {
	graph.Node
	Client *ComponentClient[*networkv1.Network]
	// Cluster is the cluster that claims the network.
	Cluster *typev1.ClusterReference
	// Desired is the network as the cluster needs it. Its VPC is not used: the VPC of a
	// standalone network stays as it is. Desired is nil when the claim is released.
	Desired *networkv1.Network
}

// claimTries is the number of attempts at a claim when concurrent writes of the network
// service cause conflicts.
const claimTries = 5

// Name implements graph.Resource.
func (a *Adoption) Name() string { return "adoption" }

// Needs implements graph.Resource.
func (a *Adoption) Needs() []graph.Resource { return nil }

// Key implements graph.NaturallyKeyed: a cluster adopts one network.
func (a *Adoption) Key() string { return a.Desired.GetName() }

// ExpectedLatency implements graph.Asynchronous. A ready network is claimed at once. A
// released network is free for another cluster only after its leftovers are deleted.
func (a *Adoption) ExpectedLatency() graph.Latency {
	return graph.Latency{Ready: time.Second, Deleted: 30 * time.Second}
}

// Observe implements graph.Resource.
func (a *Adoption) Observe(ctx context.Context) (graph.State, error) {
	observed, err := a.Client.get(ctx, a.ID())
	switch {
	case fault.Is(err, fault.NotFound) && a.Desired == nil:
		return graph.Absent, nil
	case fault.Is(err, fault.NotFound):
		return graph.Absent, &fault.Fault{Kind: fault.Precondition, Class: fault.Configuration, Message: "the network " + a.ID() + " no longer exists",
			Remedy: "Delete the cluster, and create it with another network."}
	case err != nil:
		return graph.Absent, err
	case a.Desired == nil:
		return a.releaseState(observed), nil
	}
	return a.claimState(observed)
}

// claimState returns the state of the claim, or a fault if the cluster cannot have the network.
func (a *Adoption) claimState(observed *networkv1.Network) (graph.State, error) {
	if reason, remedy := a.refusal(observed); reason != "" {
		return graph.Absent, &fault.Fault{Kind: fault.Precondition, Class: fault.Configuration, Message: reason, Remedy: remedy}
	}
	switch {
	case proto.Equal(observed.GetSpec(), a.claimed(observed).GetSpec()):
		return graph.Ready, nil
	case a.isOwned(observed) || object.State(observed) == typev1.State_READY && object.IsObserved(observed):
		return graph.Drifted, nil
	}
	return graph.Pending, nil
}

// releaseState returns the state of a claim that is being released: Ready while the cluster
// owns the network, Pending while the cluster has leftovers in it.
func (a *Adoption) releaseState(observed *networkv1.Network) graph.State {
	switch {
	case a.isOwned(observed):
		return graph.Ready
	case observed.GetStatus().GetTenant().GetCluster().GetUid() == a.Cluster.GetUid():
		return graph.Pending
	}
	return graph.Absent
}

// isOwned reports whether the cluster owns the network.
func (a *Adoption) isOwned(observed *networkv1.Network) bool {
	return observed.GetSpec().GetCluster().GetUid() == a.Cluster.GetUid()
}

// refusal returns the reason why the cluster cannot have a network, and the remedy; "" if
// it can.
func (a *Adoption) refusal(observed *networkv1.Network) (reason, remedy string) {
	name, spec, desired := observed.GetName(), observed.GetSpec(), a.Desired.GetSpec()
	const another = "Create the cluster with another network"
	switch tenant := tenantOf(observed); {
	case tenant.GetUid() != "" && tenant.GetUid() != a.Cluster.GetUid() && spec.GetCluster() == nil:
		return fmt.Sprintf("%s was adopted by %s and still has leftovers of it", name, tenant.GetName()), "Wait some minutes until the leftovers are deleted."
	case tenant.GetUid() != "" && tenant.GetUid() != a.Cluster.GetUid():
		return fmt.Sprintf("%s is of %s, and a network serves one cluster at a time", name, tenant.GetName()), another + ", or wait until that one is deleted."
	case observed.GetDeleteTime() != nil:
		return name + " is being deleted", another + "."
	case spec.GetAccount() != desired.GetAccount():
		return fmt.Sprintf("%s is in %s, and the cluster in %s", name, spec.GetAccount(), desired.GetAccount()), another + "."
	case spec.GetRegion() != desired.GetRegion():
		return fmt.Sprintf("%s is in %s, and the cluster in %s", name, spec.GetRegion(), desired.GetRegion()), another + "."
	}
	return "", ""
}

// tenantOf returns the cluster that owns a network, or that released it and still has
// leftovers in it; nil if there is none.
func tenantOf(observed *networkv1.Network) *typev1.ClusterReference {
	if cluster := observed.GetSpec().GetCluster(); cluster != nil {
		return cluster
	}
	return observed.GetStatus().GetTenant().GetCluster()
}

// claimed returns a copy of a network with the claim of the cluster and the access that it needs.
func (a *Adoption) claimed(observed *networkv1.Network) *networkv1.Network {
	claimed, desired := proto.CloneOf(observed), a.Desired.GetSpec()
	claimed.Spec.Cluster, claimed.Spec.Access, claimed.Spec.VolumeRetention = a.Cluster, desired.GetAccess(), desired.GetVolumeRetention()
	return claimed
}

// released returns a copy of a network without the claim.
func (a *Adoption) released(observed *networkv1.Network) *networkv1.Network {
	released := proto.CloneOf(observed)
	released.Spec.Cluster, released.Spec.Access, released.Spec.VolumeRetention = nil, nil, networkv1.VolumeRetention_VOLUME_RETENTION_UNSPECIFIED
	return released
}

// Create implements graph.Resource. It claims the network and returns no error: a failed
// claim created nothing, so its effect is certain, and the next Observe returns the fault.
func (a *Adoption) Create(ctx context.Context) (graph.State, error) {
	if owned, err := a.claim(ctx); err != nil || !owned {
		return graph.Pending, nil //nolint:nilerr // The next Observe returns the fault.
	}
	return graph.Ready, nil
}

// Update implements graph.Updater. It claims the network again.
func (a *Adoption) Update(ctx context.Context) error {
	_, err := a.claim(ctx)
	return err
}

// claim claims a ready network, and reports whether the cluster owns it.
func (a *Adoption) claim(ctx context.Context) (owned bool, err error) {
	err = a.compareAndSwap(ctx, a.claimed, func(observed *networkv1.Network) (bool, error) {
		state, err := a.claimState(observed)
		owned = state == graph.Ready || state == graph.Drifted
		return state == graph.Drifted, err
	})
	return owned && err == nil, err
}

// Delete implements graph.Resource. It releases the network.
func (a *Adoption) Delete(ctx context.Context) error {
	err := a.compareAndSwap(ctx, a.released, func(observed *networkv1.Network) (bool, error) { return a.isOwned(observed), nil })
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// compareAndSwap applies change to the network if isDue reports true. When another request
// changed the network since the read, it reads the network and decides again.
func (a *Adoption) compareAndSwap(
	ctx context.Context, change func(*networkv1.Network) *networkv1.Network, isDue func(*networkv1.Network) (bool, error),
) error {
	var err error
	for range claimTries {
		observed, failed := a.Client.Service.Get(ctx, a.ID())
		if failed != nil {
			return failed
		}
		if due, refused := isDue(observed); refused != nil || !due {
			return refused
		}
		if err = a.Client.Service.Apply(ctx, change(observed)); !fault.Is(err, fault.Conflict) {
			return err
		}
	}
	return err
}
