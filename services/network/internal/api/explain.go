package api

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/services/network/internal/leftover"
)

// explain looks for what others made in a network and around it. It changes
// nothing, and what it says holds for the moment.
func (n *Networks) explain(ctx context.Context, name string) (*networkv1.ExplainNetworkDeleteResponse, error) {
	r, err := n.collection().Get(name)
	if err != nil {
		return nil, err
	}
	entries := n.Reconciler().RecordedLedger(name).Entries()
	out := &networkv1.ExplainNetworkDeleteResponse{}
	if idOf(entries, "vpc") == "" {
		return out, nil
	}
	finder, err := n.finder(ctx, r, entries)
	if err != nil {
		return nil, err
	}
	things, err := finder.Look(ctx)
	if err != nil {
		return nil, err
	}
	called := newNames(entries)
	for _, thing := range things {
		out.Dependents = append(out.Dependents, dependent(thing, called))
	}
	return out, nil
}

var fates = map[leftover.Fate]typev1.Dependent_Fate{
	leftover.Goes: typev1.Dependent_GOES, leftover.Freed: typev1.Dependent_GOES,
	leftover.Kept: typev1.Dependent_STAYS, leftover.Foreign: typev1.Dependent_FOREIGN,
}

func dependent(t leftover.Thing, called *names) *typev1.Dependent {
	d := &typev1.Dependent{
		Kind: string(t.Sort), Id: t.ID, Name: t.Name, Fate: fates[t.Fate], Creator: t.Creator, Action: t.Action(), Blocks: called.of(t.On),
	}
	if !t.Since.IsZero() {
		d.CreateTime = timestamppb.New(t.Since)
	}
	if t.Price.Known {
		d.MonthlyUsd = &t.Price.USD
	}
	return d
}
