package reconciler

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// stateToProto and stateFromProto map the states of the graph to those of the record and back.
var stateToProto = map[graph.State]typev1.InventoryItem_State{
	graph.Absent:   typev1.InventoryItem_BLOCKED,
	graph.Intended: typev1.InventoryItem_INTENDED,
	graph.Refused:  typev1.InventoryItem_FAILED,
	graph.Pending:  typev1.InventoryItem_PENDING,
	graph.Ready:    typev1.InventoryItem_READY,
	graph.Drifted:  typev1.InventoryItem_DRIFTED,
	graph.Deleting: typev1.InventoryItem_DELETING,
}

var stateFromProto = invert(stateToProto)

func invert(m map[graph.State]typev1.InventoryItem_State) map[typev1.InventoryItem_State]graph.State {
	inverted := make(map[typev1.InventoryItem_State]graph.State, len(m))
	for key, value := range m {
		inverted[value] = key
	}
	return inverted
}

// entryFromProto converts a ledger entry of a record.
func entryFromProto(e *recordv1.LedgerEntry) graph.Entry {
	return graph.Entry{
		Name: e.GetName(), Needs: e.GetNeeds(),
		Token: e.GetToken(), Attempt: int(e.GetAttempt()),
		ID: e.GetId(), Attributes: e.GetAttributes(),
		State: stateFromProto[e.GetState()], Since: asTime(e.GetSince()),
		IntendTime: asTime(e.GetIntendTime()), ReadyTime: asTime(e.GetReadyTime()),
		Key: e.GetKey(), UncertainTime: asTime(e.GetUncertainTime()),
		Message: e.GetMessage(), Fault: fault.FromProto(e.GetFault()),
	}
}

// Entries returns the ledger entries of a record by resource name.
func Entries(record *recordv1.Record) map[string]graph.Entry {
	entries := make(map[string]graph.Entry, len(record.GetLedger()))
	for _, e := range record.GetLedger() {
		entries[e.GetName()] = entryFromProto(e)
	}
	return entries
}

// entryToProto converts an entry for a record.
func entryToProto(e graph.Entry) *recordv1.LedgerEntry {
	return &recordv1.LedgerEntry{
		Name: e.Name, Needs: e.Needs,
		Token: e.Token, Attempt: int32(e.Attempt),
		Id: e.ID, Attributes: e.Attributes,
		State: stateToProto[e.State], Since: timestamp(e.Since),
		IntendTime: timestamp(e.IntendTime), ReadyTime: timestamp(e.ReadyTime),
		Key: e.Key, UncertainTime: timestamp(e.UncertainTime),
		Message: e.Message, Fault: e.Fault.Proto(),
	}
}

// inventory lists the desired and the existing resources: the desired ones first, in the order of
// the graph, then those that are being deleted.
func inventory(desired []string, entries []graph.Entry, report graph.Report) []*typev1.InventoryItem {
	known := make(map[string]graph.Entry, len(entries))
	for _, e := range entries {
		known[e.Name] = e
	}
	steps := make(map[string]graph.Step, len(report))
	for _, step := range report {
		steps[step.Name] = step
	}
	items := make([]*typev1.InventoryItem, 0, len(entries))
	listed := make(map[string]bool, len(desired))
	for _, name := range desired {
		listed[name] = true
		e, ok := known[name]
		if !ok {
			e = graph.Entry{Name: name}
		}
		items = append(items, inventoryItem(e, steps[name]))
	}
	for _, e := range entries {
		if !listed[e.Name] {
			items = append(items, inventoryItem(e, steps[e.Name]))
		}
	}
	return items
}

func inventoryItem(e graph.Entry, step graph.Step) *typev1.InventoryItem {
	i := &typev1.InventoryItem{
		Name: e.Name, Id: e.ID, State: stateToProto[e.State], Since: timestamp(e.Since),
		IntendTime: timestamp(e.IntendTime), ReadyTime: timestamp(e.ReadyTime),
		Message: e.Message, Fault: e.Fault.Proto(),
	}
	if e.State == graph.Refused && e.Fault == nil {
		// A rate limit postponed the create; AWS did not refuse it.
		i.State = typev1.InventoryItem_INTENDED
	}
	if i.GetMessage() == "" && i.GetState() != typev1.InventoryItem_READY {
		i.Message = step.Message
	}
	return i
}

func timestamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

func asTime(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.AsTime()
}
