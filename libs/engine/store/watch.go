package store

import "strings"

// A Watch tells the changes of records until it is stopped or too slow.
type Watch struct {
	// C tells the changes in their order. It is closed when the reader is further
	// behind than the buffer of the bucket holds, and by Stop: then watch anew.
	C <-chan Change

	changes chan Change
	prefix  string
	cache   *cache
}

// Stop ends the watch and closes C. It may be repeated.
func (w *Watch) Stop() {
	w.cache.mu.Lock()
	defer w.cache.mu.Unlock()
	w.cache.drop(w)
}

// changes begins a watch.
func (c *cache) changes(prefix string) *Watch {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.begin(prefix)
}

// watch takes the snapshot and begins the watch in one step, so that no change
// falls between them.
func (c *cache) watch(prefix string) ([]Record, *Watch) {
	c.mu.Lock()
	w, entries := c.begin(prefix), c.under(prefix)
	c.mu.Unlock()
	return c.readAll(entries), w
}

// begin begins a watch. The lock is held.
func (c *cache) begin(prefix string) *Watch {
	changes := make(chan Change, c.buffer)
	w := &Watch{C: changes, changes: changes, prefix: prefix, cache: c}
	c.watches[w] = struct{}{}
	return w
}

// tell passes a change on, and never waits: who is too slow is dropped and has
// to list again. The lock is held.
func (c *cache) tell(key string, e, before *entry) {
	var change *Change
	for w := range c.watches {
		if !strings.HasPrefix(key, w.prefix) {
			continue
		}
		if change == nil {
			change = c.change(key, e, before)
		}
		select {
		case w.changes <- *change:
		default:
			c.drop(w)
		}
	}
}

// change reads what watchers are told.
func (c *cache) change(key string, e, before *entry) *Change {
	change := &Change{Key: key}
	if e != nil {
		if r, ok := c.read(e); ok {
			change.Record = &r
			return change
		}
	}
	if before != nil {
		if r, ok := c.read(before); ok {
			change.Before = &r
		}
	}
	return change
}

// drop ends a watch. The lock is held.
func (c *cache) drop(w *Watch) {
	if _, ok := c.watches[w]; ok {
		delete(c.watches, w)
		close(w.changes)
	}
}
