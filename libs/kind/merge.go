package kind

import (
	"context"
	"errors"
	"slices"

	"google.golang.org/protobuf/proto"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/store"
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
		err = l.put(ctx)
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
	record := current.Clone().Record
	record.Ledger = slices.DeleteFunc(record.Ledger, func(e *recordv1.LedgerEntry) bool {
		return l.gone[e.GetName()] == e.GetToken() && e.GetToken() != ""
	})
	facts := l.facts()
	for i, e := range record.GetLedger() {
		if fact, ok := facts[e.GetName()]; ok && news(fact, e) {
			record.Ledger[i] = fact
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
	kept := make(map[string]*recordv1.LedgerEntry, len(l.kept.GetLedger()))
	for _, e := range l.kept.GetLedger() {
		kept[e.GetName()] = e
	}
	facts := make(map[string]*recordv1.LedgerEntry)
	for _, entry := range l.entries {
		if e := recordEntry(entry); !proto.Equal(e, kept[e.GetName()]) {
			facts[e.GetName()] = e
		}
	}
	return facts
}

// news reports whether a fact says more of a thing than is known. Two replicas
// that learned the same at different times have no news for one another, and one
// that knows no id has none for one that does.
func news(fact, known *recordv1.LedgerEntry) bool {
	if fact.GetToken() != known.GetToken() || fact.GetId() == "" && known.GetId() != "" {
		return false
	}
	timeless := func(e *recordv1.LedgerEntry) *recordv1.LedgerEntry {
		e = proto.CloneOf(e)
		e.Since, e.IntendTime, e.ReadyTime, e.DoubtTime = nil, nil, nil, nil
		return e
	}
	return !proto.Equal(timeless(fact), timeless(known))
}
