package object

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"
)

// SetState sets `status.state`.
func SetState(m proto.Message, state typev1.State) {
	s := mutableStatus(m)
	s.Set(s.Descriptor().Fields().ByName("state"), protoreflect.ValueOfEnum(state.Number()))
}

// SetObservedGeneration sets `status.observed_generation`.
func SetObservedGeneration(m proto.Message, generation int64) {
	s := mutableStatus(m)
	s.Set(s.Descriptor().Fields().ByName("observed_generation"), protoreflect.ValueOfInt64(generation))
}

// State returns `status.state`, STATE_UNSPECIFIED if it is not set.
func State(m proto.Message) typev1.State {
	s := Field(m, "status")
	if s == nil {
		return typev1.State_STATE_UNSPECIFIED
	}
	if status, ok := s.(interface{ GetState() typev1.State }); ok {
		return status.GetState()
	}
	return typev1.State_STATE_UNSPECIFIED
}

// IsObserved reports whether the status describes the current spec and not an earlier one.
func IsObserved(r Object) bool { return observedGeneration(r) == r.GetGeneration() }

func observedGeneration(m Object) int64 {
	if s, ok := Field(m, "status").(interface{ GetObservedGeneration() int64 }); ok {
		return s.GetObservedGeneration()
	}
	return 0
}

// Conditions returns the conditions of an object.
func Conditions(m proto.Message) []*typev1.Condition {
	if s, ok := Field(m, "status").(interface {
		GetConditions() []*typev1.Condition
	}); ok {
		return s.GetConditions()
	}
	return nil
}

// Inventory returns the inventory of an object: its resources in AWS.
func Inventory(m proto.Message) []*typev1.InventoryItem {
	if s, ok := Field(m, "status").(interface {
		GetResources() []*typev1.InventoryItem
	}); ok {
		return s.GetResources()
	}
	return nil
}

// SetConditions sets the conditions of an object.
func SetConditions(m proto.Message, conditions []*typev1.Condition) {
	setList(m, "conditions", conditions)
}

// SetInventory sets the inventory of an object.
func SetInventory(m proto.Message, items []*typev1.InventoryItem) {
	setList(m, "resources", items)
}

func setList[M proto.Message](m proto.Message, field protoreflect.Name, values []M) {
	s := mutableStatus(m)
	d := s.Descriptor().Fields().ByName(field)
	list := s.NewField(d).List()
	for _, value := range values {
		list.Append(protoreflect.ValueOfMessage(value.ProtoReflect()))
	}
	if list.Len() == 0 {
		s.Clear(d)
		return
	}
	s.Set(d, protoreflect.ValueOfList(list))
}
