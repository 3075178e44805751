package store

import (
	"cmp"
	"log/slog"
	"slices"
)

// decoder decodes the entries of a bucket. An entry that it cannot decode is logged and
// treated as deleted: a caller that decided on an older version would be wrong.
type decoder struct {
	bucket string
	log    *slog.Logger
}

// record decodes an entry, and returns false if that is impossible.
func (d decoder) record(e *entry) (Record, bool) {
	r, err := e.record()
	if err != nil {
		d.log.Error("decode record", "bucket", d.bucket, "key", e.key, "revision", e.revision, "error", err)
	}
	return r, err == nil
}

// records decodes entries in the order of their keys.
func (d decoder) records(entries []*entry) []Record {
	slices.SortFunc(entries, func(a, b *entry) int { return cmp.Compare(a.key, b.key) })
	var records []Record
	for _, e := range entries {
		if r, ok := d.record(e); ok {
			records = append(records, r)
		}
	}
	return records
}
