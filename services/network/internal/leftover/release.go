package leftover

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/services/network/internal/leftover/finding"
	"github.com/skep-dev/skep/services/network/internal/leftover/judge"
)

// releaseKey is the key of the next scan in the poll schedule of the ledger. After a scan that
// found leftovers, the next one is at least releaseInterval later.
const (
	releaseKey      = "release"
	releaseInterval = time.Second
)

// Release finds what controllers left in a network that their cluster does not use any more,
// and stores it in the ledger, while the network stays. It returns a proof when nothing is
// left, and until then the reason why the network waits. Foreign resources stay: they block
// nothing, because Skep deletes no resource of the network.
func (c *Cleanup) Release(ctx context.Context, ledger graph.Ledger) (waits string, proof *Proof, err error) {
	if c.UsedBy != "" {
		return "is still used by " + c.UsedBy, nil, nil
	}
	waits = "waits until the leftovers of " + c.Cluster + " are deleted"
	entries := ledger.Entries()
	removing := slices.ContainsFunc(entries, func(e graph.Entry) bool { return finding.IsFinding(e.Name) })
	if removing || time.Now().Before(ledger.NextPoll(releaseKey)) {
		return waits, nil, nil
	}
	left, kept, err := c.leftIn(ctx, entries)
	if err != nil {
		return "", nil, fmt.Errorf("scan for leftovers of %s: %w", c.Cluster, err)
	}
	vpc := idOf(entries, vpcName)
	if len(left) > 0 {
		ledger.SetNextPoll(releaseKey, time.Now().Add(c.scaled(releaseInterval)))
		return waits, nil, record(ctx, ledger, vpc, left)
	}
	proof = &Proof{Reason: Empty, Message: fmt.Sprintf("Released: nothing of %s with the uid %s is left in %s.", c.Cluster, c.Owner.Cluster, vpc)}
	if len(kept) > 0 {
		proof.Reason = Kept
		proof.Message += " Skep keeps on purpose: " + strings.Join(kept, ", ") + "."
	}
	return "", proof, nil
}

// leftIn returns the leftovers to delete in the network and the ids of the resources that Skep
// keeps. In most cases one call shows that there are none.
func (c *Cleanup) leftIn(ctx context.Context, entries []graph.Entry) (left []finding.Finding, kept []string, err error) {
	if idOf(entries, vpcName) == "" {
		return nil, nil, nil
	}
	scanner, err := c.scanner(ctx, entries)
	if err != nil {
		return nil, nil, err
	}
	scanner.InUse = false
	if found, err := scanner.QuickScan(ctx); err != nil || !found {
		return nil, nil, err
	}
	snapshot, err := scanner.Scan(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, f := range judge.Findings(snapshot) {
		switch f.Disposition {
		case finding.Delete, finding.ReleasedByAWS:
			left = append(left, f)
		case finding.Keep:
			kept = append(kept, f.ID)
		case finding.Foreign:
		}
	}
	return left, kept, nil
}
