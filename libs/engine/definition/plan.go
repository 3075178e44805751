package definition

import (
	"context"
	"fmt"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/reconciler"
)

// Plan returns what applying desired would do in AWS, in an order that works, and the
// zones that it uses. It runs the checks of Apply, observes every resource that
// exists, and changes nothing.
func (o *Objects[R, P]) Plan(ctx context.Context, desired R, assumeZones []string) ([]*typev1.PlannedAction, []string, error) {
	old, record, err := o.stored(desired.GetName())
	if err != nil {
		return nil, nil, err
	}
	if record != nil {
		object.CarryOver(desired, old)
	}
	if err := o.collection.Check(ctx, old, desired); err != nil {
		return nil, nil, err
	}
	prepared, err := o.prepare(ctx, Preparation[R]{Object: desired, Record: record, Plan: true, AssumeZones: assumeZones})
	if err != nil {
		return nil, nil, err
	}
	if o.definition.Plan != nil {
		return o.definition.Plan(ctx, prepared)
	}
	g, err := o.build(ctx, desired, prepared)
	if err != nil {
		return nil, nil, err
	}
	actions, err := g.Plan(ctx, graph.Walk{Ledger: o.Ledger(desired.GetName())})
	if err != nil {
		return nil, nil, fmt.Errorf("plan: %w", err)
	}
	return reconciler.Actions(desired.GetName(), actions), o.zones(desired, assumeZones), nil
}

// stored is the object of this name and its record, nil if there is none.
func (o *Objects[R, P]) stored(name string) (R, *recordv1.Record, error) {
	var none R
	key, err := o.definition.Type.Key(name)
	if err != nil {
		return none, nil, err
	}
	record, ok := o.runtime.Bucket.Get(key)
	if !ok {
		return none, nil, nil
	}
	r, err := object.Unpack[R](record.Record, record.Revision)
	return r, record.Clone().Record, err
}

// zones are the zones of an object, or those to assume while it has none.
func (o *Objects[R, P]) zones(r R, assume []string) []string {
	if o.definition.Zones != nil {
		if zones := o.definition.Zones(r); len(zones) > 0 {
			return zones
		}
	}
	return assume
}
