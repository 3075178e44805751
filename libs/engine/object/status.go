package object

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"
)

func SetState(m proto.Message, state typev1.State) {
	s := mutableStatus(m)
	s.Set(s.Descriptor().Fields().ByName("state"), protoreflect.ValueOfEnum(state.Number()))
}

func SetObservedGeneration(m proto.Message, generation int64) {
	s := mutableStatus(m)
	s.Set(s.Descriptor().Fields().ByName("observed_generation"), protoreflect.ValueOfInt64(generation))
}

// State is where a resource is in its life.
func State(m proto.Message) typev1.State {
	s := Field(m, "status")
	if s == nil {
		return typev1.State_STATE_UNSPECIFIED
	}
	if stated, ok := s.(interface{ GetState() typev1.State }); ok {
		return stated.GetState()
	}
	return typev1.State_STATE_UNSPECIFIED
}

// IsObserved reports whether the state of a resource is about the specification that
// it has now, and not about one before.
func IsObserved(r Object) bool { return observedGeneration(r) == r.GetGeneration() }

func observedGeneration(m Object) int64 {
	if s, ok := Field(m, "status").(interface{ GetObservedGeneration() int64 }); ok {
		return s.GetObservedGeneration()
	}
	return 0
}

// Conditions are the conditions of a resource.
func Conditions(m proto.Message) []*typev1.Condition {
	if s, ok := Field(m, "status").(interface {
		GetConditions() []*typev1.Condition
	}); ok {
		return s.GetConditions()
	}
	return nil
}

// Inventory is what a resource owns in AWS.
func Inventory(m proto.Message) []*typev1.InventoryItem {
	if s, ok := Field(m, "status").(interface {
		GetResources() []*typev1.InventoryItem
	}); ok {
		return s.GetResources()
	}
	return nil
}

func SetConditions(m proto.Message, conditions []*typev1.Condition) {
	setList(m, "conditions", conditions)
}

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
