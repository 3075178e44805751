package store

import (
	"strings"
	"sync"
)

// A Watch sends the changes of records until it is stopped or its reader is too slow.
type Watch struct {
	// C delivers the changes in order. It is closed by Stop, and when the reader is more
	// changes behind than the buffer of the bucket holds; then the reader must watch again.
	C <-chan Change

	changes chan Change
	prefix  string
	watches *watches
}

// Stop ends the watch and closes C. It is idempotent.
func (w *Watch) Stop() {
	w.watches.mu.Lock()
	defer w.watches.mu.Unlock()
	w.watches.remove(w)
}

// watches holds the watches of a bucket. The caller of every method holds the lock.
type watches struct {
	mu      *sync.RWMutex // The lock of the cache.
	decoder decoder
	buffer  int
	open    map[*Watch]struct{}
}

// add opens a watch.
func (s *watches) add(prefix string) *Watch {
	changes := make(chan Change, s.buffer)
	w := &Watch{C: changes, changes: changes, prefix: prefix, watches: s}
	s.open[w] = struct{}{}
	return w
}

// send sends a change to every watch of the key. It never blocks: it closes a watch
// whose buffer is full.
func (s *watches) send(key string, e, before *entry) {
	var change *Change
	for w := range s.open {
		if !strings.HasPrefix(key, w.prefix) {
			continue
		}
		if change == nil {
			change = s.change(key, e, before)
		}
		select {
		case w.changes <- *change:
		default:
			s.remove(w)
		}
	}
}

// change decodes the change that watchers receive. A record that cannot be decoded
// counts as deleted.
func (s *watches) change(key string, e, before *entry) *Change {
	change := &Change{Key: key}
	if e != nil {
		if r, ok := s.decoder.record(e); ok {
			change.Record = &r
			return change
		}
	}
	if before != nil {
		if r, ok := s.decoder.record(before); ok {
			change.Before = &r
		}
	}
	return change
}

// remove closes a watch, unless it is closed already.
func (s *watches) remove(w *Watch) {
	if _, ok := s.open[w]; ok {
		delete(s.open, w)
		close(w.changes)
	}
}
