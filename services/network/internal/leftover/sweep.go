package leftover

import (
	"context"
	"slices"
	"time"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/services/network/internal/leftover/finding"
	"github.com/skep-dev/skep/services/network/internal/leftover/judge"
)

// sweepKey is the key of the next scan in the poll schedule of the ledger. While AWS refuses a
// delete, the scans are at least sweepInterval apart.
const (
	sweepKey      = "sweep"
	sweepInterval = 15 * time.Second
)

// Sweep finds what blocks the delete of the VPC and stores it in the ledger. It starts when
// no other service uses the network any more, with one cheap call, and scans
// the whole VPC only if that call shows a leftover or AWS refused a delete. It stores a
// foreign resource only after AWS refused a delete, because before that it blocks nothing.
func (c *Cleanup) Sweep(ctx context.Context, ledger graph.Ledger) error {
	entries := ledger.Entries()
	vpc := idOf(entries, vpcName)
	if vpc == "" || c.UsedBy != "" {
		return nil
	}
	isRefused, next := slices.ContainsFunc(entries, refused), ledger.NextPoll(sweepKey)
	if time.Now().Before(next) || !next.IsZero() && !isRefused {
		return nil
	}
	ledger.SetNextPoll(sweepKey, time.Now().Add(c.scaled(sweepInterval)))
	scanner, err := c.scanner(ctx, entries)
	if err != nil {
		return err
	}
	if !isRefused {
		if found, err := scanner.QuickScan(ctx); err != nil || !found {
			return err
		}
	}
	snapshot, err := scanner.Scan(ctx)
	if err != nil {
		return err
	}
	return record(ctx, ledger, vpc, slices.DeleteFunc(judge.Findings(snapshot), func(f finding.Finding) bool {
		return f.Disposition == finding.Keep || f.Disposition == finding.Foreign && (!isRefused || len(f.Blocks) == 0)
	}))
}
