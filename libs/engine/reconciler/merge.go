package reconciler

import (
	"context"
	"errors"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/store"
)

// mergeTries is the number of attempts to merge the results of a reconciliation into a record that
// other writers change.
const mergeTries = 5

// Close stores the results of the reconciliation. If another writer changed the record, it merges
// the facts of the reconciliation (this token created that resource) into the new version and
// returns the conflict: the next reconciliation starts from that version.
func (l *ledger) Close(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.fenced
	if err == nil {
		err = l.put(ctx, false)
	}
	for range mergeTries {
		if !errors.Is(err, store.ErrConflict) {
			return err
		}
		if mergeErr := l.merge(ctx); !errors.Is(mergeErr, store.ErrConflict) {
			return errors.Join(err, mergeErr)
		}
	}
	return err
}

// merge merges the facts of this reconciliation into the current record.
func (l *ledger) merge(ctx context.Context) error {
	// A conflict is returned only after the cache shows the conflicting write.
	current, ok := l.bucket.Get(l.key)
	if !ok {
		return nil
	}
	record, stored, facts := current.Clone().Record, entriesByName(l.stored), l.facts()
	record.Ledger = slices.DeleteFunc(record.Ledger, func(e *recordv1.LedgerEntry) bool {
		return l.forgotten[e.GetName()] == e.GetToken() && e.GetToken() != "" && !requestedSince(stored[e.GetName()], e)
	})
	for i, e := range record.GetLedger() {
		if fact, ok := facts[e.GetName()]; ok {
			record.Ledger[i] = mergeEntry(fact, stored[e.GetName()], e)
		}
	}
	if proto.Equal(record, current.Record) {
		return nil
	}
	_, err := l.bucket.Put(ctx, l.key, record, current.Revision)
	return err
}

// facts returns, by name, the entries that the reconciliation changed since its last write. An
// unchanged entry is no fact: another writer may have newer information.
func (l *ledger) facts() map[string]*recordv1.LedgerEntry {
	stored := entriesByName(l.stored)
	facts := make(map[string]*recordv1.LedgerEntry)
	for _, entry := range l.entries {
		if e := entryToProto(entry); !proto.Equal(e, stored[e.GetName()]) {
			facts[e.GetName()] = e
		}
	}
	return facts
}

// mergeEntry returns the known entry with the fact that the reconciliation learned since it stored
// the entry. A refusal concerns only the request of this reconciliation: a request of another
// process with the same token may still succeed. The later request times always survive.
func mergeEntry(fact, stored, known *recordv1.LedgerEntry) *recordv1.LedgerEntry {
	if fact.GetToken() != known.GetToken() {
		return known
	}
	merged := known
	if refused := fact.GetState() == stateToProto[graph.Refused]; addsInformation(fact, known) && (!refused || !requestedSince(stored, known)) {
		merged = fact
	}
	merged = proto.CloneOf(merged)
	merged.IntendTime = later(fact.GetIntendTime(), known.GetIntendTime())
	merged.UncertainTime = later(fact.GetUncertainTime(), known.GetUncertainTime())
	return merged
}

// requestedSince reports whether another process requested the resource after stored was written.
func requestedSince(stored, known *recordv1.LedgerEntry) bool {
	return !proto.Equal(stored.GetIntendTime(), known.GetIntendTime()) || !proto.Equal(stored.GetUncertainTime(), known.GetUncertainTime())
}

// later returns the later of two times, either of which may be nil.
func later(a, b *timestamppb.Timestamp) *timestamppb.Timestamp {
	if a == nil || b != nil && b.AsTime().After(a.AsTime()) {
		return b
	}
	return a
}

// entriesByName returns the ledger entries of a record by resource name.
func entriesByName(record *recordv1.Record) map[string]*recordv1.LedgerEntry {
	entries := make(map[string]*recordv1.LedgerEntry, len(record.GetLedger()))
	for _, e := range record.GetLedger() {
		entries[e.GetName()] = e
	}
	return entries
}

// addsInformation reports whether fact holds more than times that known lacks. Two replicas that
// learned the same at different times have no information for each other, and an entry without an
// id has none for an entry with one.
func addsInformation(fact, known *recordv1.LedgerEntry) bool {
	if fact.GetId() == "" && known.GetId() != "" {
		return false
	}
	timeless := func(e *recordv1.LedgerEntry) *recordv1.LedgerEntry {
		e = proto.CloneOf(e)
		e.Since, e.IntendTime, e.ReadyTime, e.UncertainTime = nil, nil, nil, nil
		return e
	}
	return !proto.Equal(timeless(fact), timeless(known))
}
