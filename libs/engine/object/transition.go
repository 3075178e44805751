package object

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"
)

// transitionsKept is how many transitions a record holds: more than one pass
// ever makes, so that the copier of events misses none.
const transitionsKept = 64

// AddTransition adds a transition to a record.
func AddTransition(record *recordv1.Record, now time.Time, what, reason, message string) {
	sequence := int64(1)
	if last := len(record.GetTransitions()); last > 0 {
		sequence = record.GetTransitions()[last-1].GetSequence() + 1
	}
	record.Transitions = append(record.Transitions, &recordv1.Transition{
		Sequence: sequence, Time: timestamppb.New(now), Type: what, Reason: reason, Message: message,
	})
	if over := len(record.GetTransitions()) - transitionsKept; over > 0 {
		record.Transitions = record.GetTransitions()[over:]
	}
}
