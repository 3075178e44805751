package reconciler

import (
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// Stage is one condition of an object and the resource types that it summarizes.
type Stage struct {
	// Type is the condition type, in the vocabulary of Cluster API: `VpcReady`.
	Type string
	// ResourceTypes are the resource types that must be ready for the condition to be true.
	ResourceTypes []string
}

// deriveConditions derives the conditions from the inventory: one for each stage, and `Ready`,
// which summarizes all resources. graphFault is the fault that prevented the graph. Conditions
// keep their time while status and reason stay the same.
func deriveConditions(before []*typev1.Condition, stages []Stage, items []*typev1.InventoryItem, deleting bool, waiting string, graphFault *fault.Fault, now time.Time) []*typev1.Condition {
	var conditions []*typev1.Condition
	for _, stage := range stages {
		var own []*typev1.InventoryItem
		for _, item := range items {
			resourceType, _, _ := strings.Cut(item.GetName(), "/")
			if slices.Contains(stage.ResourceTypes, resourceType) {
				own = append(own, item)
			}
		}
		if len(own) == 0 && (deleting || waiting == "") {
			continue
		}
		conditions = append(conditions, summarize(stage.Type, own, deleting, waiting))
	}
	ready := summarize(object.ConditionReady, items, deleting, waiting)
	conditions = append(conditions, ready)
	for _, condition := range conditions {
		if graphFault != nil {
			condition.Reason, condition.Fault = "Failed", graphFault.Proto()
		}
		condition.Since = timestamppb.New(now)
		for _, old := range before {
			if old.GetType() == condition.GetType() && old.GetStatus() == condition.GetStatus() && old.GetReason() == condition.GetReason() {
				condition.Since = old.GetSince()
			}
		}
	}
	return conditions
}

// summarize returns the condition of a set of resources: true if all are ready, and otherwise
// false with the most informative reason.
func summarize(conditionType string, items []*typev1.InventoryItem, deleting bool, waiting string) *typev1.Condition {
	c := &typev1.Condition{Type: conditionType, Status: typev1.Condition_FALSE}
	var failed, pending, blocked []*typev1.InventoryItem
	for _, item := range items {
		switch {
		case item.GetFault() != nil:
			failed = append(failed, item)
		case item.GetState() == typev1.InventoryItem_BLOCKED:
			blocked = append(blocked, item)
		case item.GetState() != typev1.InventoryItem_READY:
			pending = append(pending, item)
		}
	}
	switch {
	case len(failed) > 0:
		c.Reason, c.Message, c.Fault = "Failed", failed[0].GetName()+": "+failed[0].GetMessage(), failed[0].GetFault()
	case deleting:
		c.Reason, c.Message = "Deleting", remaining(items)
	case waiting != "":
		c.Reason, c.Message = "Waiting", waiting
	case len(pending) > 0:
		c.Reason, c.Message = "Creating", joinNames(pending)
	case len(blocked) > 0:
		c.Reason, c.Message = "Blocked", joinNames(blocked)
	default:
		c.Status, c.Reason = typev1.Condition_TRUE, "Ready"
	}
	return c
}

// remaining describes the rest of a deletion. A resource with a message comes first, since a
// person may have to act.
func remaining(items []*typev1.InventoryItem) string {
	for _, item := range items {
		if item.GetMessage() != "" {
			return item.GetName() + " " + item.GetMessage()
		}
	}
	return joinNames(items)
}

const namesShown = 4

func joinNames(items []*typev1.InventoryItem) string {
	var all []string
	for _, item := range items {
		all = append(all, item.GetName())
	}
	if len(all) > namesShown {
		all = append(all[:namesShown], "…")
	}
	return strings.Join(all, ", ")
}

// deriveState derives the state from the conditions and the ready generation of the record.
func deriveState(deleting, settled bool, record *recordv1.Record, generation int64, conditions []*typev1.Condition) typev1.State {
	for _, c := range conditions {
		f := c.GetFault()
		if f != nil && f.GetActor() != typev1.Fault_NONE && !deleting {
			return typev1.State_FAILED
		}
	}
	switch {
	case deleting:
		return typev1.State_DELETING
	case settled:
		return typev1.State_READY
	case record.GetReadyGeneration() == 0:
		return typev1.State_CREATING
	case record.GetReadyGeneration() < generation:
		return typev1.State_UPDATING
	default:
		return typev1.State_DEGRADED
	}
}
