package reconciler

import (
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/platform/callcontext"
)

// priority returns the priority of the calls of this reconciliation: deletes and repairs first,
// then changes, then observations of ready objects.
func (r *reconciliation[R]) priority(deleting bool) callcontext.Priority {
	switch {
	case deleting:
		return callcontext.Repair
	case r.ledger.record.GetReadyGeneration() != r.obj.GetGeneration():
		return callcontext.Change
	case object.State(r.obj) == typev1.State_READY:
		return callcontext.Scan
	default:
		return callcontext.Repair
	}
}
