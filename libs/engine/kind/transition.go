package kind

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"
)

// transitionsKept is how many transitions a record holds: more than one pass
// ever makes, so that the copier of events misses none.
const transitionsKept = 64

// note adds a transition to a record.
func note(record *recordv1.Record, now time.Time, what, reason, message string) {
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

// noteConditions adds a transition for every condition that came to hold,
// ceased to hold, or failed.
func noteConditions(record *recordv1.Record, now time.Time, before, after []*typev1.Condition) {
	old := make(map[string]*typev1.Condition, len(before))
	for _, condition := range before {
		old[condition.GetType()] = condition
	}
	for _, condition := range after {
		was := old[condition.GetType()]
		if was.GetStatus() == condition.GetStatus() && was.GetReason() == condition.GetReason() {
			continue
		}
		told := condition.GetStatus() == typev1.Condition_TRUE || condition.GetReason() == "Failed" || condition.GetReason() == "Deleting" ||
			was.GetStatus() == typev1.Condition_TRUE
		if told {
			note(record, now, condition.GetType(), condition.GetReason(), condition.GetMessage())
		}
	}
}
