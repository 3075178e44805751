package store

import (
	"context"
	"fmt"
	"sync"
)

// cache holds the records of a bucket in memory. Each of its methods takes the lock;
// the contents behind the lock take none.
type cache struct {
	decoder decoder
	synced  chan struct{} // Closed when the bucket was listed once.

	mu       sync.RWMutex
	contents contents
}

// newCache returns an empty cache whose watches buffer the given number of changes.
func newCache(buffer int, decoder decoder) *cache {
	c := &cache{decoder: decoder, synced: make(chan struct{})}
	c.contents = contents{
		entries: map[string]*entry{}, moved: make(chan struct{}),
		watches: watches{mu: &c.mu, decoder: decoder, buffer: buffer, open: map[*Watch]struct{}{}},
	}
	return c
}

// get implements [Bucket.Get].
func (c *cache) get(key string) (Record, bool) {
	c.mu.RLock()
	e, ok := c.contents.entries[key]
	c.mu.RUnlock()
	if !ok {
		return Record{}, false
	}
	return c.decoder.record(e)
}

// revision implements [Bucket.Revision].
func (c *cache) revision(key string) (uint64, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	e, ok := c.contents.entries[key]
	if !ok {
		return 0, false
	}
	return e.revision, true
}

// keys implements [Bucket.Keys].
func (c *cache) keys(prefix string) []string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.contents.keys(prefix)
}

// list implements [Bucket.List].
func (c *cache) list(prefix string) []Record {
	c.mu.RLock()
	entries := c.contents.withPrefix(prefix)
	c.mu.RUnlock()
	return c.decoder.records(entries)
}

// watch implements [Bucket.Watch]. It takes the entries and opens the watch under one
// lock, so that no change falls between them.
func (c *cache) watch(prefix string) ([]Record, *Watch) {
	c.mu.Lock()
	w, entries := c.contents.watches.add(prefix), c.contents.withPrefix(prefix)
	c.mu.Unlock()
	return c.decoder.records(entries), w
}

// changes implements [Bucket.Changes].
func (c *cache) changes(prefix string) *Watch {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.contents.watches.add(prefix)
}

// index implements [Bucket.Index].
func (c *cache) index(word func(Record) string) *Index {
	i := &Index{mu: &c.mu, decoder: c.decoder, word: word}
	c.mu.Lock()
	defer c.mu.Unlock()
	i.rebuild(c.contents.entries)
	c.contents.indexes = append(c.contents.indexes, i)
	return i
}

// suspend means that deliveries may be missed until the next list replaces the cache.
func (c *cache) suspend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.contents.live = false
}

// replace shows a complete list at once and sends watchers the difference. After a
// rollback the revision of the cache starts again at the revision of the list.
func (c *cache) replace(list *listing, rolledBack bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.contents.replace(list)
	select {
	case <-c.synced:
	default:
		close(c.synced)
	}
	if rolledBack {
		c.contents.revision = 0
	}
	c.contents.advance(list.revision)
}

// apply shows an update that was delivered, unless the cache shows it already as a write
// of this process.
func (c *cache) apply(u update) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.contents.undelivered.remove(u.revision) {
		c.contents.show(u)
	}
}

// showOwnWrite shows a write of this process before it is delivered, in two cases. If it
// is the next write of the bucket, no other write is skipped, and the writer need not
// wait for the delivery. If the cache is past the write but shows an older entry of the
// key, another client has replaced the write: the stream delivers only the newer one,
// possibly much later.
func (c *cache) showOwnWrite(u update) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.contents.entries[u.key]
	switch {
	case c.contents.live && u.revision == c.contents.revision+1:
		c.contents.undelivered.add(u.revision)
	case u.revision <= c.contents.revision && before != nil && before.revision < u.revision:
	default:
		return
	}
	c.contents.show(u)
}

// await blocks until the cache shows the revision, and returns [ErrUnavailable] if the
// context ends first. It calls advance after each comparison, also after the last one.
func (c *cache) await(ctx context.Context, revision uint64, advance func()) error {
	c.wait(1)
	defer c.wait(-1)
	for {
		reached, moved := c.reached(revision)
		advance()
		if reached {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("%w: the write is stored, but the cache does not show it yet: %w", ErrUnavailable, ctx.Err())
		}
	}
}

// newest returns the revision up to which the cache shows all writes.
func (c *cache) newest() uint64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.contents.revision
}

// reached reports whether the cache shows the revision, and returns a channel that is
// closed when the cache advances.
func (c *cache) reached(revision uint64) (bool, <-chan struct{}) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.contents.revision >= revision, c.contents.moved
}

// wait adds to the number of callers that wait for a revision.
func (c *cache) wait(callers int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.contents.waiting += callers
}

// hasWaiters reports whether a caller waits for a revision.
func (c *cache) hasWaiters() bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.contents.waiting > 0
}
