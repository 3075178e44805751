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

// ledger is the graph.Ledger of one record during one reconciliation. Intents that arrive during a
// write share the next one, so that a walk that creates twenty subnets costs one or two writes.
// The compare-and-swap that stores an intent is the fence: a replica whose record another writer
// changed can store no intent, and so create nothing.
type ledger struct {
	bucket *store.Bucket
	key    string
	uid    string
	// render updates the object in a record before each write.
	render func(record *recordv1.Record, entries []graph.Entry) error

	mu        sync.Mutex
	stored    *recordv1.Record // the record at revision
	record    *recordv1.Record // the record with the changes of this reconciliation
	revision  uint64
	entries   []graph.Entry
	forgotten map[string]string // the tokens of removed entries, by name
	writing   bool
	next      *batch
	fenced    error
}

// batch is a write that has not started, and the intents that wait for it.
type batch struct {
	done chan struct{}
	err  error
}

func openLedger(bucket *store.Bucket, record store.Record, uid string) *ledger {
	l := &ledger{bucket: bucket, key: record.Key, uid: uid, stored: record.Record, record: record.Clone().Record, revision: record.Revision, forgotten: make(map[string]string)}
	for _, e := range record.GetLedger() {
		l.entries = append(l.entries, entryFromProto(e))
	}
	return l
}

// Entries implements graph.Ledger.
func (l *ledger) Entries() []graph.Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.entries)
}

// Token implements graph.Ledger. The token is the same for the same attempt of the same resource,
// and differs between any two of them. AWS accepts up to 64 ASCII characters.
func (l *ledger) Token(name string, attempt int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %s %d", l.uid, l.key, name, attempt))
	return hex.EncodeToString(sum[:20])
}

// Note implements graph.Ledger.
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
	delete(l.forgotten, e.Name)
}

// Forget implements graph.Ledger.
func (l *ledger) Forget(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := l.index(name); i >= 0 {
		l.forgotten[name] = l.entries[i].Token
		l.entries = slices.Delete(l.entries, i, i+1)
	}
}

func (l *ledger) index(name string) int {
	return slices.IndexFunc(l.entries, func(e graph.Entry) bool { return e.Name == name })
}

// Intend implements graph.Ledger.
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

// write stores batches until none is left.
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

// put stores the record in its current form. With fences it also writes an unchanged record: the
// write proves that no other writer changed the record. The caller holds the lock; put releases it
// during the write.
func (l *ledger) put(ctx context.Context, fences bool) error {
	record := proto.CloneOf(l.record)
	record.Ledger = record.Ledger[:0]
	for _, e := range l.entries {
		record.Ledger = append(record.Ledger, entryToProto(e))
	}
	if err := l.render(record, slices.Clone(l.entries)); err != nil {
		return err
	}
	if !fences && proto.Equal(record, l.stored) {
		return nil
	}
	revision := l.revision
	l.mu.Unlock()
	revision, err := l.bucket.Put(ctx, l.key, record, revision)
	l.mu.Lock()
	if err != nil {
		return err
	}
	l.stored, l.record, l.revision = record, proto.CloneOf(record), revision
	return nil
}
