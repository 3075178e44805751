package store

import (
	"cmp"
	"slices"
	"strings"
	"sync"
)

// cache is the records of a bucket as far as they have been seen, and those who
// watch them.
type cache struct {
	buffer int
	synced chan struct{} // Closed when the bucket has been listed once.

	mu       sync.RWMutex
	records  map[string]*Record
	revision uint64        // All writes up to this one are shown.
	moved    chan struct{} // Closed and renewed when revision grows.
	waiting  int           // How many wait for a revision.
	watches  map[*Watch]struct{}
}

func newCache(buffer int) *cache {
	return &cache{
		buffer: buffer, synced: make(chan struct{}), records: map[string]*Record{},
		moved: make(chan struct{}), watches: map[*Watch]struct{}{},
	}
}

// listing is a list of the bucket that is not complete yet.
type listing struct {
	records  map[string]*Record
	revision uint64
}

func newListing() *listing { return &listing{records: map[string]*Record{}} }

func (l *listing) add(c Change, revision uint64) {
	l.revision = revision
	if c.Record == nil {
		delete(l.records, c.Key)
	} else {
		l.records[c.Key] = c.Record
	}
}

func (c *cache) get(key string) (Record, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	r, ok := c.records[key]
	if !ok {
		return Record{}, false
	}
	return *r, true
}

func (c *cache) list(prefix string) []Record {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var list []Record
	for key, r := range c.records {
		if strings.HasPrefix(key, prefix) {
			list = append(list, *r)
		}
	}
	slices.SortFunc(list, func(a, b Record) int { return cmp.Compare(a.Key, b.Key) })
	return list
}

// apply shows one change.
func (c *cache) apply(change Change, revision uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change.Before = c.records[change.Key]
	if change.Record == nil {
		delete(c.records, change.Key)
	} else {
		c.records[change.Key] = change.Record
	}
	if change.Record != nil || change.Before != nil {
		c.tell(change)
	}
	c.move(revision)
}

// replace shows a new list at once, and tells how it differs from what was shown.
func (c *cache) replace(fresh map[string]*Record, revision uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	shown := c.records
	c.records = fresh
	for key, r := range fresh {
		if before := shown[key]; before == nil || before.Revision != r.Revision {
			c.tell(Change{Key: key, Record: r, Before: before})
		}
	}
	for key, before := range shown {
		if fresh[key] == nil {
			c.tell(Change{Key: key, Before: before})
		}
	}
	select {
	case <-c.synced:
	default:
		close(c.synced)
	}
	c.move(revision)
}

// move wakes those who wait for a revision. The lock is held.
func (c *cache) move(revision uint64) {
	c.revision = max(c.revision, revision)
	close(c.moved)
	c.moved = make(chan struct{})
}

// reached tells whether the revision is shown, and if not, when to ask again.
func (c *cache) reached(revision uint64) (bool, <-chan struct{}) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.revision >= revision, c.moved
}

// wait counts one who waits for a revision, until it is called off.
func (c *cache) wait() (off func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting++
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.waiting--
	}
}

// awaited tells whether somebody waits for a revision.
func (c *cache) awaited() bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.waiting > 0
}
