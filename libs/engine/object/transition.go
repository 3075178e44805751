package object

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"
)

// maxTransitions is the number of transitions that a record holds. One reconciliation adds fewer,
// so that a reader of every version misses none.
const maxTransitions = 64

// AddTransition adds a transition to a record and drops the oldest ones above the limit.
func AddTransition(record *recordv1.Record, now time.Time, transitionType, reason, message string) {
	sequence := int64(1)
	if last := len(record.GetTransitions()); last > 0 {
		sequence = record.GetTransitions()[last-1].GetSequence() + 1
	}
	record.Transitions = append(record.Transitions, &recordv1.Transition{
		Sequence: sequence, Time: timestamppb.New(now), Type: transitionType, Reason: reason, Message: message,
	})
	if excess := len(record.GetTransitions()) - maxTransitions; excess > 0 {
		record.Transitions = record.GetTransitions()[excess:]
	}
}
