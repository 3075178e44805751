package collection

import (
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// validateOwner returns a fault if the owner reference changes, other than by the adoption of a
// standalone object, if its type is Adoptable, or by its release. Any other change would let one
// cluster take over, and later delete, the component of another.
func (c *Collection[R]) validateOwner(old, desired R) error {
	from, to := object.OwnerRef(old), object.OwnerRef(desired)
	switch {
	case from.GetUid() == to.GetUid() && from.GetAdopted() == to.GetAdopted():
		return nil
	case from.GetUid() == "" && to.GetAdopted() && c.Adoptable, from.GetAdopted() && to.GetUid() == "":
		return nil
	case from.GetUid() == "":
		return fault.InvalidFields(fault.Field{Path: "spec.cluster", Message: old.GetName() + " is standalone and cannot become a component of a cluster"})
	}
	return fault.InvalidFields(fault.Field{Path: "spec.cluster", Message: old.GetName() + " is a component of " + from.GetName() + "; its cluster cannot be changed"})
}

// notAdopted returns a fault if a cluster has adopted r: the delete must wait for its release.
func notAdopted(r object.Object) error {
	cluster := object.OwnerRef(r)
	if !cluster.GetAdopted() {
		return nil
	}
	return fault.Preconditionf("Delete the cluster first: that releases "+object.ID(r.GetName())+". Then delete it.", "%s was adopted by %s", r.GetName(), cluster.GetName())
}
