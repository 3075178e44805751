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
	synced chan struct{}             // Closed when the bucket has been listed once.
	spoilt func(e *entry, err error) // Told of an entry that cannot be read.

	mu       sync.RWMutex
	entries  map[string]*entry
	revision uint64 // All writes up to this one are shown.
	live     bool   // Every write since is delivered.
	own      own
	moved    chan struct{} // Closed and renewed when revision grows.
	waiting  int           // How many wait for a revision.
	watches  map[*Watch]struct{}
	indexes  []*Index
}

func newCache(buffer int, spoilt func(*entry, error)) *cache {
	return &cache{
		buffer: buffer, synced: make(chan struct{}), spoilt: spoilt, entries: map[string]*entry{},
		moved: make(chan struct{}), watches: map[*Watch]struct{}{},
	}
}

// listing is a list of the bucket that is not complete yet.
type listing struct {
	entries  map[string]*entry
	gone     map[string]*entry // as they were last
	revision uint64
}

func newListing() *listing {
	return &listing{entries: map[string]*entry{}, gone: map[string]*entry{}}
}

func (l *listing) add(key string, e, last *entry, revision uint64) {
	l.revision = revision
	if e == nil {
		delete(l.entries, key)
		l.gone[key] = last
	} else {
		l.entries[key] = e
	}
}

// read decodes an entry. What cannot be read is told and shown as gone: a reader
// that decided on an older version would be wrong.
func (c *cache) read(e *entry) (Record, bool) {
	r, err := e.record()
	if err != nil {
		c.spoilt(e, err)
	}
	return r, err == nil
}

func (c *cache) get(key string) (Record, bool) {
	c.mu.RLock()
	e, ok := c.entries[key]
	c.mu.RUnlock()
	if !ok {
		return Record{}, false
	}
	return c.read(e)
}

// at is the revision of a record.
func (c *cache) at(key string) (uint64, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	e, ok := c.entries[key]
	if !ok {
		return 0, false
	}
	return e.revision, true
}

// keys are the keys that begin with a prefix, in order.
func (c *cache) keys(prefix string) []string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var keys []string
	for key := range c.entries {
		if strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// list reads the records whose keys begin with a prefix, in order.
func (c *cache) list(prefix string) []Record {
	c.mu.RLock()
	entries := c.under(prefix)
	c.mu.RUnlock()
	return c.readAll(entries)
}

// under are the entries whose keys begin with a prefix. The lock is held.
func (c *cache) under(prefix string) []*entry {
	var found []*entry
	for key, e := range c.entries {
		if strings.HasPrefix(key, prefix) {
			found = append(found, e)
		}
	}
	return found
}

// readAll decodes entries, in the order of their keys.
func (c *cache) readAll(entries []*entry) []Record {
	slices.SortFunc(entries, func(a, b *entry) int { return cmp.Compare(a.key, b.key) })
	var records []Record
	for _, e := range entries {
		if r, ok := c.read(e); ok {
			records = append(records, r)
		}
	}
	return records
}

// apply shows one change: an entry, or that there is none any more and what it was
// last, if that is known.
func (c *cache) apply(key string, e, last *entry, revision uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.own.delivered(revision) {
		c.show(key, e, last, revision)
	}
}

// show shows one change. The lock is held.
func (c *cache) show(key string, e, last *entry, revision uint64) {
	before := later(c.entries[key], last)
	if e == nil {
		delete(c.entries, key)
	} else {
		c.entries[key] = e
	}
	for _, i := range c.indexes {
		i.set(key, i.of(e))
	}
	if e != nil || before != nil {
		c.tell(key, e, before)
	}
	c.move(revision)
}

// replace shows a new list at once, and tells how it differs from what was shown.
// That of a store that went back counts from its own revision again.
func (c *cache) replace(list *listing, older bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	shown := c.entries
	c.entries = list.entries
	c.live, c.own = true, nil
	for _, i := range c.indexes {
		i.rebuild()
	}
	for key, e := range list.entries {
		if before := shown[key]; before == nil || before.revision != e.revision {
			c.tell(key, e, before)
		}
	}
	for key, before := range shown {
		if list.entries[key] == nil {
			c.tell(key, nil, later(before, list.gone[key]))
		}
	}
	select {
	case <-c.synced:
	default:
		close(c.synced)
	}
	if older {
		c.revision = 0
	}
	c.move(list.revision)
}

// later is the entry of the later write, of two of which either may be nil.
func later(a, b *entry) *entry {
	if a == nil || b != nil && b.revision > a.revision {
		return b
	}
	return a
}

// move wakes those who wait for a revision. The lock is held.
func (c *cache) move(revision uint64) {
	c.revision = max(c.revision, revision)
	close(c.moved)
	c.moved = make(chan struct{})
}

// newest is the revision that was shown last.
func (c *cache) newest() uint64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.revision
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
