// Package store keeps the records of a service in a NATS JetStream bucket: every write
// is a compare-and-swap, every read comes from a cache, and every change can be watched.
//
// A write names the revision that the caller read, and returns [ErrConflict] if the
// record has changed since. It returns when the cache of the bucket shows it, so that a
// process reads its own writes; a conflict returns when the cache shows the newer write,
// so that the caller decides again on new data. The effect of a write that returns
// [ErrUnavailable] is uncertain: the next compare-and-swap shows whether it was stored.
//
// [Bucket.Run] follows the stream into the cache. After a reconnect, when a message is
// missing, or when the stream is ahead of its deliveries, it lists the bucket again and
// sends watchers the difference, so that they also learn of deletes that they missed.
// Watchers receive the newest state of a record, not every step to it. Steps that
// readers need belong into the record.
//
// Package bus creates buckets and mirrors. A mirror is a Bucket that refuses writes.
// The engine, the gateway and the services import this package; the domain of a
// service does not.
//
// The files read from top to bottom: each refers only to files after it.
//
//   - store.go is the API;
//   - write.go and swap.go write;
//   - feed.go and failover.go follow the stream into the cache;
//   - guard.go, staleness.go and preexisting.go protect against lost and outdated data,
//     with high_water_mark.go, mark_file.go, rollback_error.go and mark.go below them;
//   - mirrors.go resets mirrors that stopped;
//   - cache.go, contents.go, own_writes.go, listing.go, index.go and watch.go read,
//     and deletes.go reads deleted records from the stream;
//   - kv_stream.go, update.go, decoder.go, entry.go and record.go are the data, with
//     trace.go, key.go, errors.go and pause.go for all;
//   - dial.go connects.
package store

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"
)

// Options are the settings of a [Bucket]. The zero value is valid.
type Options struct {
	// Timeout limits a write, from its first attempt until the cache shows it, when the
	// context of the caller does not end earlier. Zero means 10 s: a killed leader of a
	// stream stops its writes for 4 to 9 s.
	Timeout time.Duration
	// Buffer is the number of changes that a watcher may be behind. Zero means 256.
	Buffer int
	// Fault is called before and after each write, so that a test can fail or die there.
	// With an error before the write, nothing is sent; with an error after it, the
	// caller gets the error instead of the answer. Nil injects no faults.
	Fault func(op, key string, after bool) error
	// HighWaterMark detects a rollback of the bucket. Nil disables the detection.
	HighWaterMark *HighWaterMark
	// NoMirrors means that no other service reads the bucket, so that it has no mirrors.
	NoMirrors bool
	// Log gets the records that cannot be decoded and the troubles of the stream. Nil
	// means the default logger.
	Log *slog.Logger
}

// A Bucket gives this process access to the records of one service. It is safe for
// concurrent use.
type Bucket struct {
	stream      *kvStream
	cache       *cache
	writer      *writer
	feed        *feed
	guard       *guard
	preexisting *preexisting
	deletes     *deletes
}

// Open binds a bucket or a mirror that package bus created before. Reads return nothing
// until [Bucket.Run] has listed the bucket.
func Open(ctx context.Context, nc *nats.Conn, bucket string, o Options) (*Bucket, error) {
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Buffer == 0 {
		o.Buffer = 256
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	stream, err := openStream(ctx, nc, bucket, o.Timeout)
	if err != nil {
		return nil, fmt.Errorf("open bucket %s: %w", bucket, err)
	}
	decoder := decoder{bucket: bucket, log: o.Log}
	b := &Bucket{
		stream:      stream,
		cache:       newCache(o.Buffer, decoder),
		guard:       &guard{stream: stream, highWaterMark: o.HighWaterMark},
		preexisting: new(preexisting),
		deletes:     &deletes{stream: stream, decoder: decoder, timeout: o.Timeout},
	}
	b.writer = &writer{
		swapper: swapper{stream: stream, cache: b.cache}, guard: b.guard, timeout: o.Timeout, fault: o.Fault,
	}
	b.feed = &feed{
		stream: stream, cache: b.cache, guard: b.guard, preexisting: b.preexisting, unread: o.NoMirrors, log: o.Log,
	}
	return b, nil
}

// Name returns the name of the bucket.
func (b *Bucket) Name() string { return b.stream.bucket }

// Run follows the stream into the cache until the context ends, and then returns nil.
// For the bucket of the service itself it also resets mirrors that stopped. It returns
// an error only if the connection was closed. Call it once.
func (b *Bucket) Run(ctx context.Context) error { return b.feed.run(ctx) }

// Synced blocks until the bucket was listed once. It returns an error if the context
// ends first.
func (b *Bucket) Synced(ctx context.Context) error {
	select {
	case <-b.cache.synced:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("list bucket %s: %w", b.Name(), context.Cause(ctx))
	}
}

// Get returns a record from the cache.
func (b *Bucket) Get(key string) (Record, bool) { return b.cache.get(key) }

// Revision returns the revision of a record from the cache. It does not decode the
// record.
func (b *Bucket) Revision(key string) (uint64, bool) { return b.cache.revision(key) }

// Keys returns the keys with the prefix, in order. It decodes no record: a caller that
// needs few of many records reads those one by one with [Bucket.Get].
func (b *Bucket) Keys(prefix string) []string { return b.cache.keys(prefix) }

// List returns the records whose keys have the prefix from the cache, in the order of
// their keys.
func (b *Bucket) List(prefix string) []Record { return b.cache.list(prefix) }

// Watch returns the records whose keys have the prefix, and a watch of every later
// change.
func (b *Bucket) Watch(prefix string) ([]Record, *Watch) { return b.cache.watch(prefix) }

// Changes watches the records whose keys have the prefix from now on. A caller that
// reads them afterward misses no change, but may receive changes that it has read.
func (b *Bucket) Changes(prefix string) *Watch { return b.cache.changes(prefix) }

// Index starts an index of the records by a word. The word must depend on the record
// only; a record with an empty word is not in the index.
func (b *Bucket) Index(word func(Record) string) *Index { return b.cache.index(word) }

// Put stores a record whose current revision is the given one, 0 if it does not exist,
// and returns the new revision. It stores the span of the context with the record.
//
// The errors are [ErrConflict], [ErrTooLarge], [ErrInvalidKey], [ErrRolledBack] and
// [ErrUnavailable]. With the last one the write may have been stored; a revision
// beside it means that it was stored, although the cache does not show it yet.
func (b *Bucket) Put(ctx context.Context, key string, value *recordv1.Record, revision uint64) (uint64, error) {
	return b.writer.put(ctx, key, value, revision)
}

// Delete deletes a record whose current revision is the given one. The stream keeps
// only the newest message of a key, so the delete marker carries the last content of
// the record: a watcher that missed the last write gets it in [Change.Before]. The
// errors are those of [Bucket.Put].
func (b *Bucket) Delete(ctx context.Context, key string, revision uint64) error {
	return b.writer.delete(ctx, key, revision)
}

// DeletedRecord returns the last content of the record that was deleted at the revision, with
// the time of the delete. It returns false if the stream holds no such delete: the key
// has a new record, or the marker expired.
func (b *Bucket) DeletedRecord(ctx context.Context, revision uint64) (Record, bool, error) {
	return b.deletes.get(ctx, revision)
}

// DeletedRevisions returns the revisions of the deletes of the last day whose keys have no new
// record. It reads the stream, because the cache does not keep deletes.
func (b *Bucket) DeletedRevisions(ctx context.Context) ([]uint64, error) { return b.deletes.list(ctx) }

// RolledBack returns a [*RollbackError] while a bucket of the service is rolled back.
// Until it returns nil, the caller must not act on the content of the store.
func (b *Bucket) RolledBack() error { return b.guard.rolledBack() }

// Preexisting reports whether a record existed before this process started, or before
// the store was rolled back. If the store lost writes unnoticed, the ledger of such a
// record may lack resources; the ledger of a record that this process saw stored is
// complete. It reports true until [Bucket.Adopt].
func (b *Bucket) Preexisting(key string) bool { return b.preexisting.has(key) }

// Adopt declares that the ledger of a preexisting record is complete again.
func (b *Bucket) Adopt(key string) { b.preexisting.adopt(key) }
