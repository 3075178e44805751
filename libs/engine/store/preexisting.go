package store

import "sync"

// preexisting are the keys that this process took over from before.
type preexisting struct {
	mu     sync.Mutex
	listed bool
	keys   map[string]bool
}

// recordPreexisting notes the keys of the first list of this process, and of the first after
// the store went back.
func (b *Bucket) recordPreexisting(entries map[string]*entry, older bool) {
	b.preexisting.mu.Lock()
	defer b.preexisting.mu.Unlock()
	if b.preexisting.listed && !older {
		return
	}
	b.preexisting.listed, b.preexisting.keys = true, make(map[string]bool, len(entries))
	for key := range entries {
		b.preexisting.keys[key] = true
	}
}

// Preexisting reports whether a record was there before this process was, or before
// the store went back. If the store lost writes unseen, such a record may have
// forgotten what was made for it; one that was stored under the eyes of this
// process has not. It stays so until [Bucket.Adopt].
func (b *Bucket) Preexisting(key string) bool {
	b.preexisting.mu.Lock()
	defer b.preexisting.mu.Unlock()
	return b.preexisting.keys[key]
}

// Adopt says that all that was made for an inherited record is known again.
func (b *Bucket) Adopt(key string) {
	b.preexisting.mu.Lock()
	defer b.preexisting.mu.Unlock()
	delete(b.preexisting.keys, key)
}
