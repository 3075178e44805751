package store

import "sync"

// heirs are the keys that this process took over from before.
type heirs struct {
	mu     sync.Mutex
	listed bool
	keys   map[string]bool
}

// inherit notes the keys of the first list of this process, and of the first after
// the store went back.
func (b *Bucket) inherit(entries map[string]*entry, older bool) {
	b.heirs.mu.Lock()
	defer b.heirs.mu.Unlock()
	if b.heirs.listed && !older {
		return
	}
	b.heirs.listed, b.heirs.keys = true, make(map[string]bool, len(entries))
	for key := range entries {
		b.heirs.keys[key] = true
	}
}

// Inherited reports whether a record was there before this process was, or before
// the store went back. If the store lost writes unseen, such a record may have
// forgotten what was made for it; one that was stored under the eyes of this
// process has not. It stays so until [Bucket.Adopt].
func (b *Bucket) Inherited(key string) bool {
	b.heirs.mu.Lock()
	defer b.heirs.mu.Unlock()
	return b.heirs.keys[key]
}

// Adopt says that all that was made for an inherited record is known again.
func (b *Bucket) Adopt(key string) {
	b.heirs.mu.Lock()
	defer b.heirs.mu.Unlock()
	delete(b.heirs.keys, key)
}
