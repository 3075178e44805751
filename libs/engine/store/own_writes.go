package store

// ownWrites holds the revisions of writes of this process that the cache shows and that
// are not delivered yet.
type ownWrites map[uint64]struct{}

// add adds a write that the cache is about to show.
func (o *ownWrites) add(revision uint64) {
	if *o == nil {
		*o = make(ownWrites)
	}
	(*o)[revision] = struct{}{}
}

// remove removes a write that was delivered, and reports whether it was one of them.
func (o ownWrites) remove(revision uint64) bool {
	_, shown := o[revision]
	delete(o, revision)
	return shown
}
