// Package store keeps the records of a service in a NATS JetStream bucket:
// every write is a compare-and-swap, every read comes from a cache, and every
// change can be watched.
//
// A write is given the revision it was decided on, and is refused with
// [ErrConflict] if the record has moved on. It returns when the bucket's own
// cache shows it, so that a process reads its own writes; a conflict returns
// when the cache shows what was in the way, so that deciding again is not
// deciding on the same. A write that ends in [ErrUnavailable] is in doubt: it
// may have been made, and the next compare-and-swap will tell.
//
// The cache is fed by [Bucket.Run]. It never goes blind: after a reconnect, when
// a message is missing, or when the stream is ahead of what was seen, it lists
// anew into a fresh map and tells its watchers the difference, so that deletes
// missed meanwhile are told too.
//
// Watchers see the newest state of a record, not every step to it. What must be
// told step by step is kept within the record.
//
// Buckets and mirrors are made by package bus; a mirror is a Bucket that cannot
// be written.
package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// MaxSize is the largest record that is stored, in bytes as encoded.
const MaxSize = 256 << 10

// tombstone is how long a delete is remembered in the bucket. A watcher that was
// away for longer learns of it by listing.
const tombstone = 24 * time.Hour

// Options are the settings of a [Bucket]. The zero value is good.
type Options struct {
	// Timeout bounds a write, from sending it until the cache shows it, when the
	// context of the caller does not end sooner. Without it, 10 s: a killed leader
	// of a stream stops its writes for 4 to 9 s.
	Timeout time.Duration
	// Buffer is how many changes a watcher may be behind. Without it, 256.
	Buffer int
	// Fault is called before and after each write on the wire, so that a test can
	// fail or die there. An error before keeps the write from being sent; an error
	// after loses its answer.
	Fault func(op, key string, after bool) error
	// HighWaterMark remembers how far the bucket has come; nil remembers nothing.
	HighWaterMark *HighWaterMark
	// Unread says that no other service reads the bucket, so that there are no mirrors
	// to look after.
	Unread bool
	// Log is where a record that cannot be read is told. Without it, the default logger.
	Log *slog.Logger
}

// A Bucket is the records of one service, as this process sees and writes them.
// It may be used by many goroutines.
type Bucket struct {
	name        string
	js          jetstream.JetStream
	stream      jetstream.Stream
	options     Options
	cache       *cache
	preexisting preexisting

	ending sync.Mutex
	end    context.CancelCauseFunc // Ends the feeding that is under way.
}

// Open binds a bucket, or the mirror of one, that was provisioned before. Reads
// are empty until [Bucket.Run] has listed it.
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
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(o.Timeout))
	if err != nil {
		return nil, fmt.Errorf("open bucket %s: %w", bucket, err)
	}
	stream, err := js.Stream(ctx, "KV_"+bucket)
	if err != nil {
		return nil, fmt.Errorf("open bucket %s: %w", bucket, err)
	}
	b := &Bucket{name: bucket, js: js, stream: stream, options: o}
	b.cache = newCache(o.Buffer, b.spoilt)
	return b, nil
}

// Name is the name of the bucket.
func (b *Bucket) Name() string { return b.name }

// Run feeds the cache until the context ends, and then returns nil; of a service's
// own bucket, it looks after the mirrors meanwhile. It returns an error only if the
// connection was closed for good. It is to be run once.
func (b *Bucket) Run(ctx context.Context) error {
	wait := relistPause
	other := failover{conn: b.js.Conn()}
	lag := new(staleness)
	if !b.options.Unread && b.stream.CachedInfo().Config.Mirror == nil {
		ctx, cancel := context.WithCancel(ctx)
		var tending sync.WaitGroup
		tending.Go(func() { b.tendMirrors(ctx) })
		defer tending.Wait()
		defer cancel()
	}
	for ctx.Err() == nil {
		err := b.feed(ctx, lag, func() {
			wait = relistPause
			other.listed()
		})
		switch {
		case ctx.Err() != nil:
		case b.js.Conn().IsClosed():
			return fmt.Errorf("feed bucket %s: %w", b.name, err)
		default:
			b.options.Log.WarnContext(ctx, "list bucket anew", "bucket", b.name, "reason", err)
			if err := other.failed(); err != nil {
				b.options.Log.WarnContext(ctx, "try another server", "bucket", b.name, "error", err)
			}
			pause(ctx, wait)
			wait = min(2*wait, relistPauseMax)
		}
	}
	return nil
}

// feed lists the bucket and follows it until something may have been missed.
func (b *Bucket) feed(ctx context.Context, lag *staleness, listed func()) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	b.ending.Lock()
	b.end = end
	b.ending.Unlock()
	b.cache.pause()
	list := newListing()
	return Follow(ctx, b.js, "KV_"+b.name, func(m Message) {
		key, e, last, ok := b.entryOf(m)
		switch {
		case !ok:
		case list != nil:
			list.add(key, e, last, m.Revision)
		default:
			b.cache.apply(key, e, last, m.Revision)
			b.passed(m.Revision)
		}
	}, func() {
		older, err := b.arrive(ctx, end)
		if err == nil && !older {
			var stale bool
			if stale, err = b.stale(ctx, lag, list.revision); stale {
				err = cmp.Or(err, errStale)
			}
		}
		if err != nil {
			end(err)
			return
		}
		b.recordPreexisting(list.entries, older)
		b.cache.replace(list, older)
		list = nil
		listed()
	}, b.cache.awaited)
}

// A new list waits, and the longer the more often it could not be completed.
const (
	relistPause    = 100 * time.Millisecond
	relistPauseMax = 2 * time.Second
)

// pause waits, or returns when the context ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// Synced returns when the bucket has been listed once.
func (b *Bucket) Synced(ctx context.Context) error {
	select {
	case <-b.cache.synced:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("list bucket %s: %w", b.name, context.Cause(ctx))
	}
}

// Get returns a record from the cache.
func (b *Bucket) Get(key string) (Record, bool) { return b.cache.get(key) }

// Revision returns the revision that a record is at, from the cache.
func (b *Bucket) Revision(key string) (uint64, bool) { return b.cache.at(key) }

// Keys returns the keys that begin with the prefix, in order. Of many records it is
// cheaper to read those that matter than to list them all.
func (b *Bucket) Keys(prefix string) []string { return b.cache.keys(prefix) }

// List returns the records whose keys begin with the prefix, from the cache, by key.
func (b *Bucket) List(prefix string) []Record { return b.cache.list(prefix) }

// Watch returns the records whose keys begin with the prefix, and every change
// after that.
func (b *Bucket) Watch(prefix string) ([]Record, *Watch) { return b.cache.watch(prefix) }

// Changes watches the records whose keys begin with the prefix, from now on. Who
// reads them after it has begun misses nothing, but may be told of what it has read.
func (b *Bucket) Changes(prefix string) *Watch { return b.cache.changes(prefix) }

// Errors of a write. They are wrapped with the key and what the server said.
var (
	// ErrConflict means that the record is not at the revision it was decided on.
	ErrConflict = errors.New("record has changed meanwhile")
	// ErrTooLarge means that the record is larger than [MaxSize].
	ErrTooLarge = errors.New("record is larger than 256 KiB")
	// ErrUnavailable means that no answer came in time. The write is in doubt.
	ErrUnavailable = errors.New("store does not answer, try again")
	// ErrInvalidKey means that NATS cannot carry the key.
	ErrInvalidKey = errors.New("invalid key")
)
