package kind

import (
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// Belongs is the cluster that a resource is part of, or nil.
func Belongs(r Resource) *typev1.ClusterReference {
	if s, ok := part(r, "spec").(interface {
		GetCluster() *typev1.ClusterReference
	}); ok {
		return s.GetCluster()
	}
	return nil
}

// moved refuses to make a resource the part of another cluster. What was made by
// itself may be adopted if its kind can be, and given back; every other change of
// hands would let one cluster take, and one day delete, what another has.
func (c *Collection[R]) moved(old, wanted R) error {
	from, to := Belongs(old), Belongs(wanted)
	switch {
	case from.GetUid() == to.GetUid() && from.GetAdopted() == to.GetAdopted():
		return nil
	case from.GetUid() == "" && to.GetAdopted() && c.Adoptable, from.GetAdopted() && to.GetUid() == "":
		return nil
	case from.GetUid() == "":
		return fault.InvalidFields(fault.Field{Path: "spec.cluster", Message: old.GetName() + " exists already and was made by itself; it is not taken into a cluster"})
	}
	return fault.InvalidFields(fault.Field{Path: "spec.cluster", Message: old.GetName() + " is part of " + from.GetName() + " and cannot be of another"})
}

// kept refuses to remove what a cluster has adopted.
func kept(r Resource) error {
	cluster := Belongs(r)
	if !cluster.GetAdopted() {
		return nil
	}
	return fault.Preconditionf("Delete the cluster first, which gives it back; then delete it.", "%s was adopted by %s", r.GetName(), cluster.GetName())
}
