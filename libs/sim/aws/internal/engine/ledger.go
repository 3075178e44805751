package engine

import (
	"maps"
	"slices"
	"time"
)

// LedgerEntry is one resource that exists or existed.
type LedgerEntry struct {
	Account, Region string // Region is "global" for resources of no region
	Kind            string // the resource type: "Vpc", "NatGateway", …
	ID              string
	Name            string // the Name tag, or the name AWS knows it by, or "?"
	Tags            map[string]string
	CreatedAt       time.Time
	DeletedAt       time.Time // zero while it exists; in the future while it is being deleted
	CreatedBy       string    // the role that created it, "root", or "aws" for what AWS creates on its own
}

// ledger holds all entries in order of creation.
type ledger struct {
	entries []*LedgerEntry
	byID    map[ledgerKey]*LedgerEntry
}

type ledgerKey struct {
	resourceType, id string
	Scope
}

func newLedger() ledger { return ledger{byID: map[ledgerKey]*LedgerEntry{}} }

// note adds or updates the entry of a resource. A new resource with a name that was used before gets an entry of its
// own.
func (l *ledger) note(resourceType string, at Scope, m *Metadata, name string) {
	key := ledgerKey{resourceType, m.ID, at}
	e, ok := l.byID[key]
	if !ok || !e.CreatedAt.Equal(m.CreatedAt) {
		e = &LedgerEntry{Account: at.Account, Region: at.Region, Kind: resourceType, ID: m.ID, CreatedAt: m.CreatedAt, CreatedBy: m.CreatedBy}
		l.byID[key] = e
		l.entries = append(l.entries, e)
	}
	e.Name, e.DeletedAt, e.CreatedBy, e.Tags = name, m.DeletedAt, m.CreatedBy, maps.Clone(m.Tags)
}

// restore adds an entry from a journal.
func (l *ledger) restore(e *LedgerEntry) {
	l.byID[ledgerKey{e.Kind, e.ID, Scope{e.Account, e.Region}}] = e
	l.entries = append(l.entries, e)
}

// Ledger lists every resource that ever existed in any account, in order of creation.
func (e *Engine) Ledger() []LedgerEntry {
	e.lock()
	defer e.mu.Unlock()
	entries := make([]LedgerEntry, len(e.ledger.entries))
	for i, entry := range e.ledger.entries {
		entries[i] = *entry
	}
	slices.SortStableFunc(entries, func(a, b LedgerEntry) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return entries
}

// Entries returns the ledger from the given position on, for the tagging API. It reports false if there is no such
// position. The caller must not change the entries.
func (c *Call) Entries(from int) ([]*LedgerEntry, bool) {
	if from < 0 || from > len(c.engine.ledger.entries) {
		return nil, false
	}
	return c.engine.ledger.entries[from:], true
}

// Listed reports whether the tagging API lists the resource now: from Options.TagLag after its creation until
// Options.TagRetention after its deletion.
func (c *Call) Listed(e *LedgerEntry) bool {
	since := e.CreatedAt.Add(c.engine.scaled(c.engine.options.TagLag))
	until := e.DeletedAt.Add(c.engine.scaled(c.engine.options.TagRetention))
	return !c.Now().Before(since) && (e.DeletedAt.IsZero() || c.Now().Before(until))
}

// ARN returns the name and type under which the tagging API lists a resource, or empty strings if it does not list it.
func (c *Call) ARN(e *LedgerEntry) (arn, resourceType string) {
	t := c.engine.catalog.types[e.Kind].Info()
	s, ok := c.engine.catalog.services[t.Service]
	if !ok || s.ARN == nil {
		return "", ""
	}
	return s.ARN(e, t)
}
