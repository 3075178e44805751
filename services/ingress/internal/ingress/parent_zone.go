package ingress

import (
	"context"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// ParentZone is the zone above the cluster's, which is somebody else's: it is
// found once, kept, and never changed but for the delegation within it.
type ParentZone struct {
	graph.Node
	account
	// Zone is the DNS name of the cluster's zone.
	Zone string
	// Found is its id if it was found just now.
	Found string
}

// FindParentZone returns the id of the closest public zone above the zone of
// this name, or "" if the account has none.
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

// IdempotentCreate implements graph.Repeatable: looking twice finds the same.
func (p *ParentZone) IdempotentCreate() {}

// Observe implements graph.Resource. What was found stays what it is.
func (p *ParentZone) Observe(context.Context) (graph.State, error) {
	if p.ID() == "" {
		return graph.Absent, nil
	}
	return graph.Ready, nil
}

// Create implements graph.Resource: it makes nothing and looks.
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
		return graph.Absent, fault.Preconditionf("Make the zone above it again, or delete the API endpoint.", "the zone above %s is gone", p.Zone)
	}
	p.SetID(id)
	return graph.Ready, nil
}

// Delete implements graph.Resource: the zone is somebody else's.
func (p *ParentZone) Delete(context.Context) error { return nil }
