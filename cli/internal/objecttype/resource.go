package objecttype

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"
)

// Resource is one resource of any kind, by what all kinds have in common.
type Resource struct{ message protoreflect.Message }

// common is what generated resources have in common.
type common interface {
	GetName() string
	GetCreateTime() *timestamppb.Timestamp
}

// status is what the generated status of every resource has in common.
type status interface {
	GetState() typev1.State
	GetConditions() []*typev1.Condition
}

// Message is the resource itself.
func (r Resource) Message() proto.Message { return r.message.Interface() }

// Name is its full name.
func (r Resource) Name() string { return r.message.Interface().(common).GetName() }

// CreateTime is when it was created.
func (r Resource) CreateTime() *timestamppb.Timestamp {
	return r.message.Interface().(common).GetCreateTime()
}

// State is where it is in its life, in one word.
func (r Resource) State() string {
	if state := r.status().GetState(); state != typev1.State_STATE_UNSPECIFIED {
		return state.String()
	}
	return ""
}

// Why says in words why it is not ready, or nothing if it is.
func (r Resource) Why() string { return Why(r.status().GetConditions()) }

// Cluster is the full name of the cluster that it is part of, or nothing.
func (r Resource) Cluster() string {
	spec := r.message.Descriptor().Fields().ByName("spec")
	if part, ok := r.message.Get(spec).Message().Interface().(interface {
		GetCluster() *typev1.ClusterReference
	}); ok {
		return part.GetCluster().GetName()
	}
	return ""
}

func (r Resource) status() status {
	field := r.message.Descriptor().Fields().ByName("status")
	return r.message.Get(field).Message().Interface().(status)
}

// Why says in words what the first condition that does not hold reports: a fault
// before anything else, then what stages say, then the whole.
func Why(conditions []*typev1.Condition) string {
	waits, whole := "", ""
	for _, condition := range conditions {
		switch {
		case condition.GetStatus() == typev1.Condition_TRUE:
		case condition.GetFault() != nil:
			return condition.GetFault().GetMessage()
		case condition.GetType() == "Ready":
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
