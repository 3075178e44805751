// Package faults injects a fault at every store write and AWS call of the suite, and
// checks the result against the content of AWS.
//
// A Scenario first runs without faults, and the probe records its events: every write to
// the store and every call to AWS. Then it runs again for each event and each Kind of
// fault that is possible there, in virtual time on a real NATS server: the replica dies,
// or the answer is lost, late or an error. Another replica starts on the same store and
// AWS, the suite settles, and the checks of Run.Play follow. The name of a run is enough to
// repeat it.
//
// Only tests import it.
package faults

import (
	"time"

	"github.com/aws/smithy-go"

	"github.com/skep-dev/skep/libs/engine/store"
)

// Kind is a kind of fault.
type Kind string

// The kinds of faults. Those whose name starts with die kill every replica of the service
// of the event, and start a new replica.
const (
	// DieBefore kills the replica before the write or the call takes effect.
	DieBefore Kind = "die-before"
	// DieAfter kills the replica after the write or the call takes effect and before the answer arrives.
	DieAfter Kind = "die-after"
	// DieAnswered kills the replica after the answer arrived and the replica did everything
	// that it does without waiting.
	DieAnswered Kind = "die-answered"
	// Fail answers with a server error; the call does not take effect.
	Fail Kind = "fail"
	// Throttle answers with a throttling error; the call does not take effect.
	Throttle Kind = "throttle"
	// Lose loses the answer of a call that takes effect.
	Lose Kind = "lose"
	// LateSeconds loses the answer at once; the call takes effect after 20 s, when the
	// caller has already retried.
	LateSeconds Kind = "late-20s"
	// LateMinutes is like LateSeconds, after four minutes: shortly before the consistency
	// window ends and the caller may create the resource again.
	LateMinutes Kind = "late-4m"
	// DieLate kills the replica before the call takes effect; the call was already sent and
	// takes effect after four minutes.
	DieLate Kind = "die-late"
	// Stall pauses the replica at the event for two minutes, longer than any lease, and then
	// lets it continue with the state that it had.
	Stall Kind = "stall"
)

// delays are the times from a late call to its effect.
var delays = map[Kind]time.Duration{LateSeconds: 20 * time.Second, LateMinutes: 4 * time.Minute, DieLate: 4 * time.Minute}

// stallDuration is the pause of a stalled replica.
const stallDuration = 2 * time.Minute

// Kinds lists the kinds of faults of an event. A read changes nothing, so faults that
// differ only in whether the call took effect are left out. Stall is tested separately.
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

// The errors that callers get, as from a network and AWS.
var (
	errFailed    = &smithy.GenericAPIError{Code: "InternalError", Message: "An internal error has occurred", Fault: smithy.FaultServer}
	errThrottled = &smithy.GenericAPIError{Code: "RequestLimitExceeded", Message: "Request limit exceeded.", Fault: smithy.FaultClient}
	errLost      = &lost{}
	errStore     = store.ErrUnavailable
)

// lost is the error of a connection that broke before the answer arrived.
type lost struct{}

func (*lost) Error() string { return "read: connection reset by peer" }
