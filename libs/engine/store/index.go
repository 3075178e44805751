package store

import (
	"maps"
	"slices"
)

// Index finds records by a word that they carry, without looking at the others. It
// is as new as the cache.
type Index struct {
	cache *cache
	word  func(Record) string
	words map[string]string              // By key.
	keys  map[string]map[string]struct{} // By word.
}

// Index begins to keep the records of the bucket by a word, which must depend on
// nothing but the record; a record whose word is empty is not kept.
func (b *Bucket) Index(word func(Record) string) *Index {
	i := &Index{cache: b.cache, word: word}
	b.cache.mu.Lock()
	defer b.cache.mu.Unlock()
	i.rebuild()
	b.cache.indexes = append(b.cache.indexes, i)
	return i
}

// Keys returns the keys of the records that carry the word, in order.
func (i *Index) Keys(word string) []string {
	i.cache.mu.RLock()
	defer i.cache.mu.RUnlock()
	return slices.Sorted(maps.Keys(i.keys[word]))
}

// rebuild reads all records anew. The lock of the cache is held.
func (i *Index) rebuild() {
	i.words, i.keys = map[string]string{}, map[string]map[string]struct{}{}
	for key, e := range i.cache.entries {
		i.set(key, i.of(e))
	}
}

// of is the word of an entry, "" if it has none. The lock of the cache is held.
func (i *Index) of(e *entry) string {
	if e == nil {
		return ""
	}
	r, ok := i.cache.read(e)
	if !ok {
		return ""
	}
	return i.word(r)
}

// set keeps a key under a word instead of the one it was under. The lock of the
// cache is held.
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
