package reconciler

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"

	"google.golang.org/protobuf/proto"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/store"
)

// ledger is the graph.Ledger of one record during one pass. Intents that come
// while a write is under way share the next one, so that a pass about to make
// twenty subnets costs one or two writes. The compare-and-swap that stores an
// intent is the fence: a replica whose record was changed by another can store
// none, and so create nothing.
type ledger struct {
	bucket *store.Bucket
	key    string
	uid    string
	// render brings the resource of a record up to date before each write.
	render func(record *recordv1.Record, entries []graph.Entry) error

	mu       sync.Mutex
	kept     *recordv1.Record // as stored at revision
	record   *recordv1.Record // what the pass makes of it
	revision uint64
	entries  []graph.Entry
	gone     map[string]string // names that were forgotten, with their tokens
	writing  bool
	next     *batch
	fenced   error
}

// batch is a write that is not under way yet, and everybody who waits for it.
type batch struct {
	done chan struct{}
	err  error
}

func openLedger(bucket *store.Bucket, record store.Record, uid string) *ledger {
	l := &ledger{bucket: bucket, key: record.Key, uid: uid, kept: record.Record, record: record.Clone().Record, revision: record.Revision, gone: make(map[string]string)}
	for _, e := range record.GetLedger() {
		l.entries = append(l.entries, entryFromProto(e))
	}
	return l
}

// Entries returns everything that is remembered, in the order it was intended.
func (l *ledger) Entries() []graph.Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.entries)
}

// Token makes the token of an attempt: the same for the same attempt of the
// same resource, never the same for two. AWS takes up to 64 ASCII characters.
func (l *ledger) Token(name string, attempt int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %s %d", l.uid, l.key, name, attempt))
	return hex.EncodeToString(sum[:20])
}

// Note remembers what became of e.
func (l *ledger) Note(e graph.Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.note(e)
}

func (l *ledger) note(e graph.Entry) {
	if i := l.index(e.Name); i >= 0 {
		l.entries[i] = e
		return
	}
	l.entries = append(l.entries, e)
	delete(l.gone, e.Name)
}

// Forget removes what is gone.
func (l *ledger) Forget(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := l.index(name); i >= 0 {
		l.gone[name] = l.entries[i].Token
		l.entries = slices.Delete(l.entries, i, i+1)
	}
}

func (l *ledger) index(name string) int {
	return slices.IndexFunc(l.entries, func(e graph.Entry) bool { return e.Name == name })
}

// Intend stores that e is about to be created.
func (l *ledger) Intend(ctx context.Context, e graph.Entry) error {
	l.mu.Lock()
	l.note(e)
	if l.fenced != nil {
		defer l.mu.Unlock()
		return l.fenced
	}
	if l.next == nil {
		l.next = &batch{done: make(chan struct{})}
	}
	mine := l.next
	if !l.writing {
		l.writing = true
		go l.write(context.WithoutCancel(ctx))
	}
	l.mu.Unlock()
	<-mine.done
	return mine.err
}

// write stores batch after batch until none is left.
func (l *ledger) write(ctx context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.next != nil {
		current := l.next
		l.next = nil
		current.err = l.fenced
		if current.err == nil {
			current.err = l.put(ctx, true)
			l.fenced = current.err
		}
		close(current.done)
	}
	l.writing = false
}

// put stores the record as it is now, also one that is as it was if it fences: the
// write is what shows that the record is still ours. It is called with the lock
// held, which it gives up while the write is under way.
func (l *ledger) put(ctx context.Context, fences bool) error {
	record := proto.CloneOf(l.record)
	record.Ledger = record.Ledger[:0]
	for _, e := range l.entries {
		record.Ledger = append(record.Ledger, entryToProto(e))
	}
	if err := l.render(record, slices.Clone(l.entries)); err != nil {
		return err
	}
	if !fences && proto.Equal(record, l.kept) {
		return nil
	}
	revision := l.revision
	l.mu.Unlock()
	revision, err := l.bucket.Put(ctx, l.key, record, revision)
	l.mu.Lock()
	if err != nil {
		return err
	}
	l.kept, l.record, l.revision = record, proto.CloneOf(record), revision
	return nil
}
