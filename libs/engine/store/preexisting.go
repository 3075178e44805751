package store

import "sync"

// preexisting holds the keys that existed before this process, or before a rollback.
type preexisting struct {
	mu     sync.Mutex
	listed bool
	keys   map[string]bool
}

// record stores the keys of the first list of this process, and of the first list after
// a rollback. It ignores every other list.
func (p *preexisting) record(entries map[string]*entry, rolledBack bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listed && !rolledBack {
		return
	}
	p.listed, p.keys = true, make(map[string]bool, len(entries))
	for key := range entries {
		p.keys[key] = true
	}
}

// has implements [Bucket.Preexisting].
func (p *preexisting) has(key string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.keys[key]
}

// adopt implements [Bucket.Adopt].
func (p *preexisting) adopt(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.keys, key)
}
