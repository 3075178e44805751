package leftover

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/services/network/internal/leftover/finding"
)

// refused reports whether AWS refused to delete a resource because another one uses it.
func refused(e graph.Entry) bool { return e.Fault != nil && e.Fault.AWSCode == "DependencyViolation" }

// record stores the findings in the ledger, so that the reconciliation deletes or observes
// them. The blocked resources then wait for them as for dependents, so record clears the
// refusal that AWS gave for these.
func record(ctx context.Context, ledger graph.Ledger, vpc string, findings []finding.Finding) error {
	names := newNameIndex(ledger.Entries())
	for _, f := range findings {
		names.add(f.ID, f.Label())
	}
	var wg sync.WaitGroup
	errs := make([]error, len(findings))
	for i, f := range findings {
		if names.stored[f.Label()] {
			continue
		}
		blocked := names.of(f.Blocks)
		slog.Info("found a leftover", "resource", f.Label(), "disposition", f.Disposition, "creator", f.Creator)
		wg.Go(func() { errs[i] = ledger.Intend(ctx, f.Entry(vpc, blocked, time.Now())) })
		for _, e := range ledger.Entries() {
			if refused(e) && slices.Contains(blocked, e.Name) {
				e.Fault, e.Message = nil, ""
				ledger.Note(e)
			}
		}
	}
	wg.Wait()
	return errors.Join(errs...)
}

// idOf returns the id of the entry with this name, or "".
func idOf(entries []graph.Entry, name string) string {
	for _, e := range entries {
		if e.Name == name {
			return e.ID
		}
	}
	return ""
}

// nameIndex finds the names of resources in a ledger by their ids.
type nameIndex struct {
	byID map[string]string
	// stored holds the names that the ledger already has.
	stored map[string]bool
}

func newNameIndex(entries []graph.Entry) *nameIndex {
	n := &nameIndex{byID: make(map[string]string), stored: make(map[string]bool)}
	for _, e := range entries {
		n.add(e.ID, e.Name)
		n.stored[e.Name] = true
	}
	return n
}

// add gives a name to an id. The first name of an id wins: several entries may share the
// id of one resource, such as the attributes of a VPC, and the resource itself comes first.
func (n *nameIndex) add(id, name string) {
	if _, taken := n.byID[id]; !taken && id != "" {
		n.byID[id] = name
	}
}

// of returns the names of these ids, each once. A name in the place of an id stands for itself, as
// finding.InternetGatewayAttachmentKey does. Unknown ids are left out.
func (n *nameIndex) of(ids []string) []string {
	var found []string
	for _, id := range ids {
		name := n.byID[id]
		if n.stored[id] {
			name = id
		}
		if name != "" && !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	return found
}
