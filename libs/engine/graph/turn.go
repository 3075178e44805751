package graph

import (
	"errors"
	"time"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// A Turn is the place of a postponed call in the queue for an API budget. The fault of a postponed
// call may have it in its chain.
type Turn interface {
	// Ask returns nil if the call would be sent now, and otherwise the fault that the call would
	// return. It makes no call.
	Ask() error
}

// isPostponed reports whether a call was not sent because a rate limit postpones it. The fault
// holds the delay.
func isPostponed(f *fault.Fault) bool {
	return f.Kind == fault.Exhausted && f.Class == fault.Rate && f.RetryAfter > 0 && !f.Uncertain
}

// postpone waits for the turn of a call. The call was not sent, so the step continues from its
// state later. A ready resource that could not be observed or repaired counts as drifted, so that
// the next walk observes it; in a routine resync it stays ready, because that resync is repeated
// as a whole.
func (v visitor) postpone(verb string, f *fault.Fault) Step {
	e := v.entry()
	if v.Routine && verb == "observe" && e.State == Ready {
		return Step{Name: e.Name, Outcome: Unchanged, Message: f.Message, RequeueAfter: f.RetryAfter}
	}
	if verb != "delete" && e.State == Ready {
		*e = e.in(Drifted, time.Now())
	}
	e.Message, e.Fault = f.Message, nil
	if e.State != Absent {
		v.Ledger.Note(*e)
	}
	v.Ledger.SetNextPoll(e.Name, time.Now().Add(f.RetryAfter))
	if turn := Turn(nil); verb == "create" && errors.As(f, &turn) {
		v.Ledger.SetTurn(e.Name, turn)
	}
	return Step{Name: e.Name, Outcome: Waiting, Message: f.Message, RequeueAfter: f.RetryAfter}
}

// nextAttempt returns the attempt after a refused create: the same one if the create was never
// sent.
func (e Entry) nextAttempt() int {
	if e.Fault == nil {
		return e.Attempt
	}
	return e.Attempt + 1
}
