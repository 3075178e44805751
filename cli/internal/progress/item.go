package progress

import (
	"time"

	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"
)

// item is one resource in AWS.
type item struct {
	*typev1.InventoryItem
	// thing is the name within the component.
	thing string
	// parting is the start of the deletion, gone its end.
	parting, gone time.Time
}

func (i *item) isGone() bool { return !i.gone.IsZero() }

// state returns the state in one word.
func (i *item) state() string {
	if i.isGone() {
		return "DELETED"
	}
	return i.GetState().String()
}

// active reports whether an operation on the item runs or has failed.
func (i *item) active() bool {
	return !i.isGone() && i.GetState() != typev1.InventoryItem_READY && i.GetState() != typev1.InventoryItem_BLOCKED
}
