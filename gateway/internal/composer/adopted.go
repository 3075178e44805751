package composer

import (
	"context"
	"time"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// Adopted is the network that a cluster adopted: it is waited for and told of, and
// neither made nor removed. That it is changed or broken keeps no other part from
// being changed, as that would with a network of the cluster's own.
type Adopted struct {
	graph.Node
	Claim *Adoption
}

// Name implements graph.Resource.
func (a *Adopted) Name() string { return "adopted-network" }

// Needs implements graph.Resource.
func (a *Adopted) Needs() []graph.Resource { return []graph.Resource{a.Claim} }

// Key implements graph.NaturallyKeyed: a cluster adopts one network.
func (a *Adopted) Key() string { return a.Claim.Key() }

// ExpectedLatency implements graph.Asynchronous. A change of the network wakes its cluster, so the
// time only matters if an event is lost.
func (a *Adopted) ExpectedLatency() graph.Latency { return graph.Latency{Ready: 30 * time.Second} }

// Observe implements graph.Resource.
func (a *Adopted) Observe(ctx context.Context) (graph.State, error) {
	there, err := a.Claim.Peer.get(ctx, a.ID())
	switch {
	case err != nil:
		return graph.Absent, err
	case !a.Claim.ours(there):
		// The mirror is behind the claim.
		return graph.Pending, nil
	}
	return progress(there)
}

// Create implements graph.Resource: the network is there, or the claim would not
// hold. What is wrong with it is told at the next look.
func (a *Adopted) Create(ctx context.Context) (graph.State, error) {
	if state, err := a.Observe(ctx); err == nil {
		return state, nil
	}
	return graph.Pending, nil
}

// Delete implements graph.Resource: the network stays.
func (a *Adopted) Delete(context.Context) error { return nil }

// The claim stands for its network among the parts of a cluster.

func (a *Adoption) label() string { return "network" }

// check says on one field why the cluster could not have the network, and then
// whether the network could be as the cluster would have it.
func (a *Adoption) check(ctx context.Context) error {
	bad := func(reason string) error {
		return fault.InvalidFields(fault.Field{Path: existing, Message: reason})
	}
	name := a.Wanted.GetName()
	if object.Organization(name) != object.Organization(a.Cluster.GetName()) {
		return bad("is of another organization")
	}
	there, err := a.Peer.Service.Get(ctx, name)
	if fault.Is(err, fault.NotFound) {
		return bad("there is no network " + name)
	}
	if err != nil {
		return err
	}
	if reason, remedy := a.refusal(there); reason != "" {
		return bad(reason + ". " + remedy)
	}
	claimed := a.claimed(there)
	claimed.Etag = "" // Whatever is changed meanwhile, the claim is decided then.
	return a.Peer.Service.Validate(ctx, claimed)
}

// existing is the field of a cluster's document that names the network to adopt.
const existing = "spec.network.existing"

// plan says what the claim would change in AWS.
func (a *Adoption) plan(ctx context.Context, zones []string) ([]*typev1.PlannedAction, []string, error) {
	there, err := a.Peer.Service.Get(ctx, a.Wanted.GetName())
	if err != nil {
		return nil, nil, err
	}
	return a.Peer.Service.Plan(ctx, a.claimed(there), zones)
}

// find returns the network while the cluster has it, or something of it is left there.
func (a *Adoption) find(name string) (object.Object, bool) {
	there, ok := a.Peer.Find(name)
	if !ok || holder(there).GetUid() != a.Cluster.GetUid() {
		return (*networkv1.Network)(nil), false
	}
	return there, true
}
