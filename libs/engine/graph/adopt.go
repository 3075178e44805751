package graph

import (
	"context"
	"slices"
	"time"
)

// adopt looks for a resource without a ledger entry before it creates the resource: a ledger that
// was rolled back lacks the resources created since. A natural key and the token of a first
// attempt are always the same; the tags of the existing resources give the other possible tokens.
func (v visitor) adopt(ctx context.Context) Step {
	e := v.entry()
	fresh := Entry{Name: e.Name, Needs: e.Needs, Attempt: e.Attempt + 1, IntendTime: time.Now()}
	fresh.Token = v.Ledger.Token(e.Name, fresh.Attempt)
	for _, token := range append(slices.Clone(v.KnownTokens[e.Name]), fresh.Token) {
		*e = fresh
		e.Token = token
		if keyed, ok := v.resource.(NaturallyKeyed); ok {
			e.Key = keyed.Key()
			e.ID = e.Key
		}
		state, err := v.resource.Observe(ctx)
		if err != nil {
			return v.failed("observe", err)
		}
		if state != Absent {
			return v.adopted(ctx, state)
		}
	}
	*e = fresh
	return v.create(ctx, fresh.Attempt)
}

// adopted records a found resource in the ledger.
func (v visitor) adopted(ctx context.Context, state State) Step {
	v.note(state)
	switch state {
	case Drifted:
		return v.update(ctx)
	case Ready:
		return Step{Name: v.entry().Name, Outcome: Changed}
	default:
		return v.pollNext("is being created", toReady)
	}
}
