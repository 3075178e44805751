package reconciler

import (
	"time"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/object"
)

// addConditionTransitions adds a transition for every condition that became true, ceased to be
// true, failed, or began to be deleted.
func addConditionTransitions(record *recordv1.Record, now time.Time, before, after []*typev1.Condition) {
	previousByType := make(map[string]*typev1.Condition, len(before))
	for _, condition := range before {
		previousByType[condition.GetType()] = condition
	}
	for _, condition := range after {
		previous := previousByType[condition.GetType()]
		if previous.GetStatus() == condition.GetStatus() && previous.GetReason() == condition.GetReason() {
			continue
		}
		visible := condition.GetStatus() == typev1.Condition_TRUE || condition.GetReason() == "Failed" || condition.GetReason() == "Deleting" ||
			previous.GetStatus() == typev1.Condition_TRUE
		if visible {
			object.AddTransition(record, now, condition.GetType(), condition.GetReason(), condition.GetMessage())
		}
	}
}
