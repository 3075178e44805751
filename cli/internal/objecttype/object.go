package objecttype

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/object"
)

// Object is one object of any type. Its methods read the fields that all types share.
type Object struct{ message protoreflect.Message }

// common has the methods that all generated objects share.
type common interface {
	GetName() string
	GetCreateTime() *timestamppb.Timestamp
}

// status has the methods that the generated status messages share.
type status interface {
	GetState() typev1.State
	GetConditions() []*typev1.Condition
}

// Message returns the message of the object.
func (r Object) Message() proto.Message { return r.message.Interface() }

// Name returns the full name.
func (r Object) Name() string { return r.message.Interface().(common).GetName() }

// CreateTime returns the time of creation.
func (r Object) CreateTime() *timestamppb.Timestamp {
	return r.message.Interface().(common).GetCreateTime()
}

// State returns the name of the state, or "" if it is unspecified.
func (r Object) State() string {
	if state := r.status().GetState(); state != typev1.State_STATE_UNSPECIFIED {
		return state.String()
	}
	return ""
}

// Why returns the reason why the object is not ready, or "" if it is.
func (r Object) Why() string { return Why(r.status().GetConditions()) }

// Cluster returns the full name of the owning cluster, or "".
func (r Object) Cluster() string {
	spec := r.message.Descriptor().Fields().ByName("spec")
	if part, ok := r.message.Get(spec).Message().Interface().(interface {
		GetCluster() *typev1.ClusterReference
	}); ok {
		return part.GetCluster().GetName()
	}
	return ""
}

func (r Object) status() status {
	field := r.message.Descriptor().Fields().ByName("status")
	return r.message.Get(field).Message().Interface().(status)
}

// Why returns the message of the first fault in the conditions. Without a fault it
// returns the message of the first stage that is not true, then that of Ready.
func Why(conditions []*typev1.Condition) string {
	waits, whole := "", ""
	for _, condition := range conditions {
		switch {
		case condition.GetStatus() == typev1.Condition_TRUE:
		case condition.GetFault() != nil:
			return condition.GetFault().GetMessage()
		case condition.GetType() == object.ConditionReady:
			whole = condition.GetMessage()
		case waits == "":
			waits = condition.GetMessage()
		}
	}
	if waits == "" {
		return whole
	}
	return waits
}
