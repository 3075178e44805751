package store

// update is one message of the bucket, as the cache shows it.
type update struct {
	key      string
	revision uint64
	entry    *entry // Nil after a delete.
	deleted  *entry // The last entry before a delete, or nil if its marker does not carry it.
}
