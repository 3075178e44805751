package store

import (
	"cmp"
	"slices"
	"strings"
)

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

// watch takes the snapshot and begins the watch in one step, so that no change
// falls between them.
func (c *cache) watch(prefix string) ([]Record, *Watch) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var snapshot []Record
	for key, r := range c.records {
		if strings.HasPrefix(key, prefix) {
			snapshot = append(snapshot, *r)
		}
	}
	slices.SortFunc(snapshot, func(a, b Record) int { return cmp.Compare(a.Key, b.Key) })
	changes := make(chan Change, c.buffer)
	w := &Watch{C: changes, changes: changes, prefix: prefix, cache: c}
	c.watches[w] = struct{}{}
	return snapshot, w
}

// tell passes a change on, and never waits: who is too slow is dropped and has
// to list again. The lock is held.
func (c *cache) tell(change Change) {
	for w := range c.watches {
		if !strings.HasPrefix(change.Key, w.prefix) {
			continue
		}
		select {
		case w.changes <- change:
		default:
			c.drop(w)
		}
	}
}

// drop ends a watch. The lock is held.
func (c *cache) drop(w *Watch) {
	if _, ok := c.watches[w]; ok {
		delete(c.watches, w)
		close(w.changes)
	}
}
