package store

import (
	"slices"
	"strings"
)

// contents is the state of the cache. The cache holds its lock during every call.
type contents struct {
	entries     map[string]*entry
	revision    uint64        // All writes up to this revision are shown.
	live        bool          // All writes after revision will be delivered.
	undelivered ownWrites     // Writes that are shown and not delivered yet.
	moved       chan struct{} // Closed and replaced when revision may have grown.
	waiting     int           // The number of callers that wait for a revision.
	watches     watches
	indexes     []*Index
}

// keys returns the keys with the prefix, in order.
func (c *contents) keys(prefix string) []string {
	var keys []string
	for key := range c.entries {
		if strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// withPrefix returns the entries whose keys have the prefix, in any order.
func (c *contents) withPrefix(prefix string) []*entry {
	var found []*entry
	for key, e := range c.entries {
		if strings.HasPrefix(key, prefix) {
			found = append(found, e)
		}
	}
	return found
}

// show shows one update.
func (c *contents) show(u update) {
	before := later(c.entries[u.key], u.deleted)
	if u.entry == nil {
		delete(c.entries, u.key)
	} else {
		c.entries[u.key] = u.entry
	}
	for _, i := range c.indexes {
		i.set(u.key, i.wordOf(u.entry))
	}
	if u.entry != nil || before != nil {
		c.watches.send(u.key, u.entry, before)
	}
	c.advance(u.revision)
}

// replace shows a complete list and sends watchers the difference.
func (c *contents) replace(list *listing) {
	shown := c.entries
	c.entries = list.entries
	c.live, c.undelivered = true, nil
	for _, i := range c.indexes {
		i.rebuild(c.entries)
	}
	for key, e := range list.entries {
		if before := shown[key]; before == nil || before.revision != e.revision {
			c.watches.send(key, e, before)
		}
	}
	for key, before := range shown {
		if list.entries[key] == nil {
			c.watches.send(key, nil, later(before, list.deleted[key]))
		}
	}
}

// later returns the entry with the higher revision. Either may be nil.
func later(a, b *entry) *entry {
	if a == nil || b != nil && b.revision > a.revision {
		return b
	}
	return a
}

// advance raises the revision and wakes the callers that wait for one.
func (c *contents) advance(revision uint64) {
	c.revision = max(c.revision, revision)
	close(c.moved)
	c.moved = make(chan struct{})
}
