// Package faults breaks the suite at every boundary it crosses, and judges what
// comes of it by what AWS holds.
//
// A Scenario is played once undisturbed, and its events are noted: every write
// to the store and every call to AWS. Then it is played again for each event and
// each Kind of fault that can happen there, in virtual time on a real NATS
// server: the replica dies, or the answer is lost, late or an error. Another
// replica starts on the same store and AWS, everything comes to rest, and the
// oracle judges. A run has a name, from which it is played again.
//
// Only tests import it.
package faults

import (
	"time"

	"github.com/aws/smithy-go"

	"github.com/skep-dev/skep/libs/engine/store"
)

// Kind is what goes wrong at an event.
type Kind string

// The kinds of faults. Those that begin with die kill every replica of the
// service whose event it is, and start another.
const (
	// DieBefore kills before the write or the call takes effect.
	DieBefore Kind = "die-before"
	// DieAfter kills once it took effect, and before anybody hears of it.
	DieAfter Kind = "die-after"
	// DieAnswered kills once the answer was heard and everything was done that
	// could be done with it at once.
	DieAnswered Kind = "die-answered"
	// Fail answers with an error of the server's side; nothing took effect.
	Fail Kind = "fail"
	// Throttle answers that there were too many calls; nothing took effect.
	Throttle Kind = "throttle"
	// Lose lets it take effect and loses the answer.
	Lose Kind = "lose"
	// LateSeconds loses the answer at once, and lets the call take effect when the
	// caller has tried again: after 20 s.
	LateSeconds Kind = "late-20s"
	// LateMinutes is as LateSeconds, after four minutes: just before the caller may
	// think that nothing will come of it.
	LateMinutes Kind = "late-4m"
	// DieLate kills before the call takes effect, which it does all the same, as
	// late as LateMinutes: it was on its way.
	DieLate Kind = "die-late"
	// Stall lets the replica stand still at the event for two minutes, longer than
	// any lease lasts, and then go on as if nothing had been.
	Stall Kind = "stall"
)

// delays are how late calls take effect.
var delays = map[Kind]time.Duration{LateSeconds: 20 * time.Second, LateMinutes: 4 * time.Minute, DieLate: 4 * time.Minute}

// standstill is how long a stalled replica stands still.
const standstill = 2 * time.Minute

// Kinds lists what can go wrong at an event. A read changes nothing, so whether
// it took effect is no matter. A create, change or delete can go every way.
func Kinds(e Event) []Kind {
	switch {
	case e.store():
		return []Kind{DieBefore, DieAfter, Fail, Lose}
	case e.Mutating:
		return []Kind{DieBefore, DieAfter, DieAnswered, Fail, Throttle, Lose, LateSeconds, LateMinutes, DieLate}
	default:
		return []Kind{DieBefore, DieAnswered, Fail, Throttle}
	}
}

// The errors that stand in for what a network and AWS do.
var (
	errFailed    = &smithy.GenericAPIError{Code: "InternalError", Message: "An internal error has occurred", Fault: smithy.FaultServer}
	errThrottled = &smithy.GenericAPIError{Code: "RequestLimitExceeded", Message: "Request limit exceeded.", Fault: smithy.FaultClient}
	errLost      = &lost{}
	errStore     = store.ErrUnavailable
)

// lost is a connection that broke before the answer came.
type lost struct{}

func (*lost) Error() string { return "read: connection reset by peer" }
