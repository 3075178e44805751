package kind

import (
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/budget"
)

// priority says whose calls go first: what goes and what broke before what is
// made, and that before a look at what is as declared.
func (p *pass[R]) priority(going bool) budget.Priority {
	switch {
	case going:
		return budget.Repair
	case p.ledger.record.GetReadyGeneration() != p.r.GetGeneration():
		return budget.Change
	case State(p.r) == typev1.State_READY:
		return budget.Scan
	default:
		return budget.Repair
	}
}
