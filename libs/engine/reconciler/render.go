package reconciler

import (
	"time"

	"google.golang.org/protobuf/proto"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
)

// render updates conditions, inventory, state and outputs of the object in record. It runs
// before every write, so that a long reconciliation shows its progress.
func (r *reconciliation[R]) render(record *recordv1.Record, entries []graph.Entry) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	obj := proto.CloneOf(r.obj)
	deleting := obj.GetDeleteTime() != nil
	items := inventory(r.desired, entries, r.report)
	object.SetInventory(obj, items)
	before := object.Conditions(obj)
	settled := r.finished && r.report.Settled()
	conditions := deriveConditions(before, r.Stages, items, deleting, r.waiting, r.graphFault, now)
	object.SetConditions(obj, conditions)
	if settled && !deleting {
		record.ReadyGeneration = obj.GetGeneration()
	}
	if r.finished && r.waiting == "" {
		object.SetObservedGeneration(obj, obj.GetGeneration())
	}
	object.SetState(obj, deriveState(deleting, settled, record, obj.GetGeneration(), conditions))
	addConditionTransitions(record, now, before, conditions)
	if r.RenderStatus != nil {
		byName := make(map[string]graph.Entry, len(entries))
		for _, e := range entries {
			byName[e.Name] = e
		}
		r.RenderStatus(obj, byName)
	}
	r.obj = obj
	return object.Pack(record, obj)
}
