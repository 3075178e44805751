package ingress

import (
	"context"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// ParentZone is the closest public zone above the zone of the cluster. It is a foreign resource: Create finds
// it and the ledger keeps its id. Skep changes only the Delegation in it.
type ParentZone struct {
	graph.Node
	account
	// Zone is the DNS name of the cluster's zone.
	Zone string
	// Found is the id of the parent zone if the caller has found it already, or "".
	Found string
}

// FindParentZone returns the id of the closest public zone above the name zone, or "" if the account has none.
func FindParentZone(ctx context.Context, api Route53, zone string) (string, error) {
	for _, name := range namesAbove(zone) {
		zones, err := zonesNamed(ctx, api, name)
		if err != nil {
			return "", err
		}
		if len(zones) > 0 {
			return zoneID(zones[0]), nil
		}
	}
	return "", nil
}

// Name implements graph.Resource.
func (p *ParentZone) Name() string { return "parent-zone" }

// Needs implements graph.Resource.
func (p *ParentZone) Needs() []graph.Resource { return nil }

// IdempotentCreate implements graph.IdempotentCreate. A repeated search creates nothing.
func (p *ParentZone) IdempotentCreate() {}

// Observe implements graph.Resource. It makes no call: once found, the zone stays the parent zone.
func (p *ParentZone) Observe(context.Context) (graph.State, error) {
	if p.ID() == "" {
		return graph.Absent, nil
	}
	return graph.Ready, nil
}

// Create implements graph.Resource. It creates nothing: it finds the zone.
func (p *ParentZone) Create(ctx context.Context) (graph.State, error) {
	if p.Found != "" {
		p.SetID(p.Found)
		return graph.Ready, nil
	}
	id, err := FindParentZone(ctx, p, p.Zone)
	if err != nil {
		return graph.Absent, err
	}
	if id == "" {
		return graph.Absent, fault.Preconditionf("Create the parent zone again, or delete the API endpoint.", "the parent zone of %s does not exist any more", p.Zone)
	}
	p.SetID(id)
	return graph.Ready, nil
}

// Delete implements graph.Resource. It does nothing: the zone is a foreign resource.
func (p *ParentZone) Delete(context.Context) error { return nil }
