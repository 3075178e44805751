package reconciler

import (
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/graph"
)

var verbs = map[graph.Verb]typev1.PlannedAction_Verb{
	graph.Create: typev1.PlannedAction_CREATE,
	graph.Update: typev1.PlannedAction_UPDATE,
	graph.Remove: typev1.PlannedAction_DELETE,
	graph.Keep:   typev1.PlannedAction_KEEP,
}

// Actions renders the plan of the object with this name.
func Actions(owner string, actions []graph.Action) []*typev1.PlannedAction {
	rendered := make([]*typev1.PlannedAction, 0, len(actions))
	for _, a := range actions {
		rendered = append(rendered, &typev1.PlannedAction{Verb: verbs[a.Verb], Resource: a.Name, Needs: a.Needs, Id: a.ID, Owner: owner})
	}
	return rendered
}

// RecordedLedger returns a copy of the stored ledger of an object, for a plan. Without a record it
// is empty.
func (r *Reconciler[R]) RecordedLedger(name string) *graph.Memory {
	key, err := r.Type.Key(name)
	if err != nil {
		return graph.NewMemory(name)
	}
	record, ok := r.Bucket.Get(key)
	if !ok {
		return graph.NewMemory(name)
	}
	var entries []graph.Entry
	for _, e := range record.GetLedger() {
		entries = append(entries, entryFromProto(e))
	}
	return graph.NewMemory(name, entries...)
}
