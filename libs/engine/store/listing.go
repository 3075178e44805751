package store

// listing is an incomplete list of the bucket.
type listing struct {
	entries  map[string]*entry
	deleted  map[string]*entry // The last entries of deleted keys.
	revision uint64
}

func newListing() *listing {
	return &listing{entries: map[string]*entry{}, deleted: map[string]*entry{}}
}

func (l *listing) add(u update) {
	l.revision = u.revision
	if u.entry == nil {
		delete(l.entries, u.key)
		l.deleted[u.key] = u.deleted
	} else {
		l.entries[u.key] = u.entry
	}
}
