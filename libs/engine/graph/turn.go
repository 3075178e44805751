package graph

import (
	"errors"
	"time"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// A Turn is the place of a call that was put off. A fault that puts a call off may
// have it in its chain.
type Turn interface {
	// Ask tells whether the turn has come, without making the call: nil if the call is
	// worth making, or else the fault that making it would give.
	Ask() error
}

// isPostponed reports that a call was not made, since it is not its turn yet: the fault
// says when to ask again.
func isPostponed(f *fault.Fault) bool {
	return f.Kind == fault.Exhausted && f.Class == fault.Rate && f.RetryAfter > 0 && !f.InDoubt
}

// postpone waits for the turn of a call. Nothing went wrong and nothing was done:
// the step goes on from where it is. What was ready and could not be looked at, or
// not be mended, is looked at again; unless the look was only a routine, which is
// made as a whole another time.
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

// nextAttempt is the attempt that follows a refused one: the same if it was never sent.
func (e Entry) nextAttempt() int {
	if e.Fault == nil {
		return e.Attempt
	}
	return e.Attempt + 1
}
