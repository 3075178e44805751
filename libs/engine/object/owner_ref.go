package object

import (
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"
)

// OwnerRef returns the owner reference of an object: the cluster that it is a component of, or
// nil.
func OwnerRef(r Object) *typev1.ClusterReference {
	if s, ok := Field(r, "spec").(interface {
		GetCluster() *typev1.ClusterReference
	}); ok {
		return s.GetCluster()
	}
	return nil
}
