package progress

import (
	"time"

	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"
)

// item is one thing in AWS.
type item struct {
	*typev1.InventoryItem
	// thing is its name within its part.
	thing string
	// parting is when it began to go, gone when it was not there any more.
	parting, gone time.Time
}

func (i *item) isGone() bool { return !i.gone.IsZero() }

// state is where the item is in its life, in one word.
func (i *item) state() string {
	if i.isGone() {
		return "GONE"
	}
	return i.GetState().String()
}

// active says that something is happening to the item, or should be.
func (i *item) active() bool {
	return !i.isGone() && i.GetState() != typev1.InventoryItem_READY && i.GetState() != typev1.InventoryItem_BLOCKED
}
