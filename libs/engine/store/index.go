package store

import (
	"maps"
	"slices"
	"sync"
)

// An Index finds records by a word in their content, without a search through all
// records. It changes together with the cache.
type Index struct {
	mu      *sync.RWMutex // The lock of the cache.
	decoder decoder
	word    func(Record) string
	words   map[string]string              // By key.
	keys    map[string]map[string]struct{} // By word.
}

// Keys returns the keys of the records with the word, in order.
func (i *Index) Keys(word string) []string {
	i.mu.RLock()
	defer i.mu.RUnlock()
	return slices.Sorted(maps.Keys(i.keys[word]))
}

// rebuild replaces the index by one of the entries. The caller holds the lock.
func (i *Index) rebuild(entries map[string]*entry) {
	i.words, i.keys = map[string]string{}, map[string]map[string]struct{}{}
	for key, e := range entries {
		i.set(key, i.wordOf(e))
	}
}

// wordOf returns the word of an entry, or "" if it has none. The caller holds the lock.
func (i *Index) wordOf(e *entry) string {
	if e == nil {
		return ""
	}
	r, ok := i.decoder.record(e)
	if !ok {
		return ""
	}
	return i.word(r)
}

// set moves a key to a word. The caller holds the lock.
func (i *Index) set(key, word string) {
	before := i.words[key]
	if before == word {
		return
	}
	if before != "" {
		delete(i.keys[before], key)
		delete(i.words, key)
		if len(i.keys[before]) == 0 {
			delete(i.keys, before)
		}
	}
	if word == "" {
		return
	}
	if i.keys[word] == nil {
		i.keys[word] = map[string]struct{}{}
	}
	i.keys[word][key] = struct{}{}
	i.words[key] = word
}
