package object

import (
	"google.golang.org/protobuf/proto"

	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"
)

// The condition types that a process other than the writer reads. The definition of an object type names all
// other conditions.
const (
	// ConditionReady summarizes all resources of an object. Every object has it: the reconciler writes it, the
	// gateway and the command line read it.
	ConditionReady = "Ready"
	// ConditionInternetGatewayReady of a network is true while the internet gateway is attached to the VPC. The
	// network service writes it; the ingress service creates no load balancer before that.
	ConditionInternetGatewayReady = "InternetGatewayReady"
)

// Condition returns the condition of a type, or nil if the object does not have it.
func Condition(m proto.Message, conditionType string) *typev1.Condition {
	for _, condition := range Conditions(m) {
		if condition.GetType() == conditionType {
			return condition
		}
	}
	return nil
}
