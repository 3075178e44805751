package kind

import (
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/aws/ratelimit"
)

// priority says whose calls go first: what goes and what broke before what is
// made, and that before a look at what is as declared.
func (p *pass[R]) priority(going bool) ratelimit.Priority {
	switch {
	case going:
		return ratelimit.Repair
	case p.ledger.record.GetReadyGeneration() != p.r.GetGeneration():
		return ratelimit.Change
	case State(p.r) == typev1.State_READY:
		return ratelimit.Scan
	default:
		return ratelimit.Repair
	}
}
