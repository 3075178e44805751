package object

import (
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"
)

// OwnerRef is the cluster that a resource is part of, or nil.
func OwnerRef(r Object) *typev1.ClusterReference {
	if s, ok := Field(r, "spec").(interface {
		GetCluster() *typev1.ClusterReference
	}); ok {
		return s.GetCluster()
	}
	return nil
}
