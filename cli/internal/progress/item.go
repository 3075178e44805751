package progress

import (
	"time"

	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"
)

// item is one resource in AWS.
type item struct {
	*typev1.InventoryItem
	// resource is the name within the component.
	resource string
	// deleteStart is the start of the deletion, deleted its end.
	deleteStart, deleted time.Time
}

func (i *item) isDeleted() bool { return !i.deleted.IsZero() }

// state returns the state in one word.
func (i *item) state() string {
	if i.isDeleted() {
		return "DELETED"
	}
	return i.GetState().String()
}

// active reports whether an operation on the item runs or has failed.
func (i *item) active() bool {
	return !i.isDeleted() && i.GetState() != typev1.InventoryItem_READY && i.GetState() != typev1.InventoryItem_BLOCKED
}
