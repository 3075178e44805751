package collection

import (
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// validateOwner refuses to make a resource the part of another cluster. What was made by
// itself may be adopted if its kind can be, and given back; every other change of
// hands would let one cluster take, and one day delete, what another has.
func (c *Collection[R]) validateOwner(old, wanted R) error {
	from, to := object.OwnerRef(old), object.OwnerRef(wanted)
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

// notAdopted refuses to remove what a cluster has adopted.
func notAdopted(r object.Object) error {
	cluster := object.OwnerRef(r)
	if !cluster.GetAdopted() {
		return nil
	}
	return fault.Preconditionf("Delete the cluster first, which gives it back; then delete it.", "%s was adopted by %s", r.GetName(), cluster.GetName())
}
