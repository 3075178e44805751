package reconciler

import (
	"time"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/object"
)

// addConditionTransitions adds a transition for every condition that came to hold,
// ceased to hold, or failed.
func addConditionTransitions(record *recordv1.Record, now time.Time, before, after []*typev1.Condition) {
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
			object.AddTransition(record, now, condition.GetType(), condition.GetReason(), condition.GetMessage())
		}
	}
}
