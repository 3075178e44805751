package aws

import (
	"maps"
	"slices"
	"time"
)

// Entry is one thing that exists or existed.
type Entry struct {
	Account, Region string // Region is "global" for what has none
	Kind            string // "Vpc", "NatGateway", …
	ID              string
	Name            string // the Name tag, else the name AWS knows it by, else "?"
	Tags            map[string]string
	CreatedAt       time.Time
	DeletedAt       time.Time // zero while it lives; in the future while it is being deleted
	CreatedBy       string    // the role that asked for it, "root", or "aws" for what AWS makes by itself
}

// ledger is all entries in order of creation.
type ledger struct {
	entries []*Entry
	byID    map[shelf]*Entry // the kind is followed by the id
}

func newLedger() ledger { return ledger{byID: map[shelf]*Entry{}} }

func (l *ledger) note(kind string, s scope, m *meta, name string) {
	key := shelf{kind + "/" + m.ID, s}
	e, ok := l.byID[key]
	if !ok || !e.CreatedAt.Equal(m.CreatedAt) { // a name may be used again
		e = &Entry{Account: s.Account, Region: s.Region, Kind: kind, ID: m.ID, CreatedAt: m.CreatedAt, CreatedBy: m.CreatedBy}
		l.byID[key] = e
		l.entries = append(l.entries, e)
	}
	e.Name, e.DeletedAt, e.CreatedBy, e.Tags = name, m.DeletedAt, m.CreatedBy, maps.Clone(m.Tags)
}

// Ledger lists everything that ever existed in all accounts, in order of creation.
func (w *World) Ledger() []Entry {
	w.enter()
	defer w.mu.Unlock()
	entries := make([]Entry, len(w.ledger.entries))
	for i, e := range w.ledger.entries {
		entries[i] = *e
	}
	slices.SortStableFunc(entries, func(a, b Entry) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return entries
}

// restore takes up an entry from a journal.
func (l *ledger) restore(e *Entry) {
	l.byID[shelf{e.Kind + "/" + e.ID, scope{e.Account, e.Region}}] = e
	l.entries = append(l.entries, e)
}
