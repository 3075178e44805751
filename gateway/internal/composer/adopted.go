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

// Adopted is the network that a cluster adopted. The cluster waits for it and reports
// its faults, but neither creates nor deletes it. No component depends on it: as with a
// network of the cluster's own, the other components are changed while the network is
// pending or failed.
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

// ExpectedLatency implements graph.Asynchronous. A change of the network wakes its cluster,
// so the time matters only if an event is lost.
func (a *Adopted) ExpectedLatency() graph.Latency { return graph.Latency{Ready: 30 * time.Second} }

// Observe implements graph.Resource.
func (a *Adopted) Observe(ctx context.Context) (graph.State, error) {
	observed, err := a.Claim.Client.get(ctx, a.ID())
	switch {
	case err != nil:
		return graph.Absent, err
	case !a.Claim.isOwned(observed):
		// The mirror lags behind the claim.
		return graph.Pending, nil
	}
	return progress(observed)
}

// Create implements graph.Resource. It creates nothing: the network exists, because the
// claim succeeded. The next Observe returns the fault of the network, if it has one.
func (a *Adopted) Create(ctx context.Context) (graph.State, error) {
	if state, err := a.Observe(ctx); err == nil {
		return state, nil
	}
	return graph.Pending, nil
}

// Delete implements graph.Resource. It deletes nothing: the network is kept.
func (a *Adopted) Delete(context.Context) error { return nil }

// The claim represents its network among the components of the cluster.

func (a *Adoption) label() string { return "network" }

// check returns a fault for the field that names the network if the cluster cannot claim
// it, and otherwise the fault of the network service for the claimed network.
func (a *Adoption) check(ctx context.Context) error {
	bad := func(reason string) error {
		return fault.InvalidFields(fault.Field{Path: existing, Message: reason})
	}
	name := a.Desired.GetName()
	if object.Organization(name) != object.Organization(a.Cluster.GetName()) {
		return bad("is of another organization")
	}
	observed, err := a.Client.Service.Get(ctx, name)
	if fault.Is(err, fault.NotFound) {
		return bad("there is no network " + name)
	}
	if err != nil {
		return err
	}
	if reason, remedy := a.refusal(observed); reason != "" {
		return bad(reason + ". " + remedy)
	}
	claimed := a.claimed(observed)
	claimed.Etag = "" // A concurrent change must not fail the check: the claim itself detects it.
	return a.Client.Service.Validate(ctx, claimed)
}

// existing is the field of a cluster's document that names the network to adopt.
const existing = "spec.network.existing"

// plan returns the changes in AWS that the claim would cause.
func (a *Adoption) plan(ctx context.Context, zones []string) ([]*typev1.PlannedAction, []string, error) {
	observed, err := a.Client.Service.Get(ctx, a.Desired.GetName())
	if err != nil {
		return nil, nil, err
	}
	return a.Client.Service.Plan(ctx, a.claimed(observed), zones)
}

// find returns the network while the cluster is its tenant: while it owns the network, or
// has leftovers in it.
func (a *Adoption) find(name string) (object.Object, bool) {
	observed, ok := a.Client.Find(name)
	if !ok || tenantOf(observed).GetUid() != a.Cluster.GetUid() {
		return (*networkv1.Network)(nil), false
	}
	return observed, true
}
