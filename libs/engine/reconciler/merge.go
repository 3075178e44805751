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

// mergeTries is how often the end of a pass tries to save what it learned
// beside the changes of others.
const mergeTries = 5

// Close stores what the pass learned. If somebody else changed the record in
// the meantime, the facts of the pass (this token made that thing) are carried
// over to the new version, and the conflict is returned: the next pass starts
// from there.
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
		if merged := l.merge(ctx); !errors.Is(merged, store.ErrConflict) {
			return errors.Join(err, merged)
		}
	}
	return err
}

// merge carries the facts of this pass over to the record as it is now.
func (l *ledger) merge(ctx context.Context) error {
	// A conflict is answered once the cache shows what was in the way.
	current, ok := l.bucket.Get(l.key)
	if !ok {
		return nil
	}
	record, kept, facts := current.Clone().Record, entriesByName(l.kept), l.facts()
	record.Ledger = slices.DeleteFunc(record.Ledger, func(e *recordv1.LedgerEntry) bool {
		return l.gone[e.GetName()] == e.GetToken() && e.GetToken() != "" && !requestedSince(kept[e.GetName()], e)
	})
	for i, e := range record.GetLedger() {
		if fact, ok := facts[e.GetName()]; ok {
			record.Ledger[i] = mergeEntry(fact, kept[e.GetName()], e)
		}
	}
	if proto.Equal(record, current.Record) {
		return nil
	}
	_, err := l.bucket.Put(ctx, l.key, record, current.Revision)
	return err
}

// facts are the entries that the pass learned something of since its last write,
// by name. What it only remembers may be known better by now.
func (l *ledger) facts() map[string]*recordv1.LedgerEntry {
	kept := entriesByName(l.kept)
	facts := make(map[string]*recordv1.LedgerEntry)
	for _, entry := range l.entries {
		if e := entryToProto(entry); !proto.Equal(e, kept[e.GetName()]) {
			facts[e.GetName()] = e
		}
	}
	return facts
}

// mergeEntry is what is known of a thing once a pass has told what it learned since it
// stored kept. A refusal tells what came of the pass's own request: not what may
// come of another's with the same token. When the thing was last asked for is never
// forgotten.
func mergeEntry(fact, kept, known *recordv1.LedgerEntry) *recordv1.LedgerEntry {
	if fact.GetToken() != known.GetToken() {
		return known
	}
	all := known
	if refused := fact.GetState() == stateToProto[graph.Refused]; addsInformation(fact, known) && (!refused || !requestedSince(kept, known)) {
		all = fact
	}
	all = proto.CloneOf(all)
	all.IntendTime = later(fact.GetIntendTime(), known.GetIntendTime())
	all.UncertainTime = later(fact.GetUncertainTime(), known.GetUncertainTime())
	return all
}

// requestedSince reports whether somebody else asked for a thing since kept was stored.
func requestedSince(kept, known *recordv1.LedgerEntry) bool {
	return !proto.Equal(kept.GetIntendTime(), known.GetIntendTime()) || !proto.Equal(kept.GetUncertainTime(), known.GetUncertainTime())
}

// later is the later of two times, of which either may be missing.
func later(a, b *timestamppb.Timestamp) *timestamppb.Timestamp {
	if a == nil || b != nil && b.AsTime().After(a.AsTime()) {
		return b
	}
	return a
}

// entriesByName are the entries of a record by the names of the things.
func entriesByName(record *recordv1.Record) map[string]*recordv1.LedgerEntry {
	entries := make(map[string]*recordv1.LedgerEntry, len(record.GetLedger()))
	for _, e := range record.GetLedger() {
		entries[e.GetName()] = e
	}
	return entries
}

// addsInformation reports whether a fact says more of a thing than is known. Two replicas
// that learned the same at different times have no news for one another, and one
// that knows no id has none for one that does.
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
