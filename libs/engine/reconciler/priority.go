package reconciler

import (
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/platform/callcontext"
)

// priority says whose calls go first: what goes and what broke before what is
// made, and that before a look at what is as declared.
func (r *reconciliation[R]) priority(going bool) callcontext.Priority {
	switch {
	case going:
		return callcontext.Repair
	case r.ledger.record.GetReadyGeneration() != r.obj.GetGeneration():
		return callcontext.Change
	case object.State(r.obj) == typev1.State_READY:
		return callcontext.Scan
	default:
		return callcontext.Repair
	}
}
