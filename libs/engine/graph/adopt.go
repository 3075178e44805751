package graph

import (
	"context"
	"slices"
	"time"
)

// adopt looks for a thing that the ledger does not know before creating it: a
// ledger that went back has forgotten what was made since. A natural key is the
// same as it was, and so is the token of a first attempt; what else the thing may
// have been made with its tags tell.
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

// adopted takes a thing that was found back into the ledger.
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
