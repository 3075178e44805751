package finding

import (
	"time"

	"github.com/skep-dev/skep/libs/engine/graph"
)

// The attributes of a finding in a ledger. Times are in the format of RFC 3339.
const (
	TypeAttribute        = "type"
	DispositionAttribute = "disposition"
	NameAttribute        = "name"
	CreatorAttribute     = "creator"
	CreateTimeAttribute  = "create-time"
	FindTimeAttribute    = "find-time"
	VPCAttribute         = "vpc"
)

// Entry returns the entry that a ledger holds of the finding before Skep acts on it. Needs
// are the names in that ledger of the resources that the finding blocks.
//
// A finding to delete is Ready: the reconciliation requests its deletion. Every other
// finding is Deleting: the reconciliation only observes it, like a resource whose deletion was requested.
func (f Finding) Entry(vpc string, needs []string, now time.Time) graph.Entry {
	state := graph.Deleting
	if f.Disposition == Delete {
		state = graph.Ready
	}
	e := graph.Entry{
		Name: f.Label(), Needs: needs, ID: f.ID, State: state, Since: now,
		Attributes: map[string]string{
			TypeAttribute: string(f.Type), DispositionAttribute: string(f.Disposition),
			FindTimeAttribute: now.Format(time.RFC3339), VPCAttribute: vpc,
		},
	}
	for key, value := range map[string]string{NameAttribute: f.Name, CreatorAttribute: f.Creator} {
		if value != "" {
			e.Attributes[key] = value
		}
	}
	if !f.CreateTime.IsZero() {
		e.Attributes[CreateTimeAttribute] = f.CreateTime.UTC().Format(time.RFC3339)
	}
	return e
}
