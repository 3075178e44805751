package store

import (
	"log/slog"
	"sync"
	"time"
)

// saveDelay is the time by which a mark may be ahead of its file. A killed process
// forgets at most that much: no backup of a store is that recent.
const saveDelay = time.Second

// A HighWaterMark keeps, outside the store, the newest revision of every bucket of a
// service, and so detects a rollback of the store. It is safe for concurrent use.
//
// Three observations reveal a rollback: the stream has another creation time, its
// revision is lower than the mark, or its metadata says that it was restored. A rollback
// while no process of the service ran stays unnoticed if the file was rolled back as well
// or does not exist; then [Bucket.Preexisting] keeps Skep from creating a resource twice.
type HighWaterMark struct {
	installation string
	file         string

	mu        sync.Mutex
	marks     map[string]Mark           // By bucket.
	rollbacks map[string]*RollbackError // By bucket.
	saving    *time.Timer               // Nil if the file is current.
}

// OpenHighWaterMark reads the marks from a file, which need not exist. With an empty
// file name it keeps the marks in memory only. Installation is the id of the
// installation that this process works for; "" accepts every installation.
func OpenHighWaterMark(file, installation string) (*HighWaterMark, error) {
	h := &HighWaterMark{installation: installation, file: file, rollbacks: make(map[string]*RollbackError)}
	var err error
	if h.marks, err = readMarks(file); err != nil {
		return nil, err
	}
	return h, nil
}

// RolledBack returns a [*RollbackError] while a bucket of the service is rolled back.
func (h *HighWaterMark) RolledBack() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, rollback := range h.rollbacks {
		return rollback
	}
	return nil
}

// Save writes the marks that are newer than the file.
func (h *HighWaterMark) Save() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.saving == nil {
		return nil
	}
	h.saving.Stop()
	h.saving = nil
	return writeMarks(h.file, h.marks)
}

// check compares a bucket with its mark. It returns the rollback if there is one;
// otherwise it replaces the mark, and reports whether an operator accepted the bucket
// since.
func (h *HighWaterMark) check(bucket string, found Mark) (rollback *RollbackError, accepted bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	known, ok := h.marks[bucket]
	if rollback = h.compare(bucket, found); rollback != nil {
		if len(h.rollbacks) == 0 {
			slog.Error("change nothing in AWS until an operator accepts or replaces the state", "reason", rollback.Error())
		}
		h.rollbacks[bucket] = rollback
		if ok && !known.RolledBack {
			known.RolledBack = true
			h.set(bucket, known)
		}
		return rollback, false
	}
	switch accepted = ok && found.Accepted.After(known.Accepted); {
	case accepted:
		slog.Warn("an operator accepted the state", "bucket", bucket, "revision", found.Revision)
	case ok && known.Installation != found.Installation:
		slog.Warn("the state belongs to a new installation, which changes no resource of the old one",
			"bucket", bucket, "installation", found.Installation, "old", known.Installation)
	}
	delete(h.rollbacks, bucket)
	h.set(bucket, found)
	return nil, accepted
}

// mayRecover reports whether a bucket seems to be rolled back, but may show its newest
// revision on a later read.
func (h *HighWaterMark) mayRecover(bucket string, found Mark) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	known := h.marks[bucket]
	return h.rollbacks[bucket] == nil && !known.RolledBack && h.compare(bucket, found) != nil &&
		found.Created.Equal(known.Created)
}

// accepts reports whether a bucket that was rolled back no longer is.
func (h *HighWaterMark) accepts(bucket string, found Mark) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.compare(bucket, found) == nil
}

// compare returns the rollback of a bucket, or nil if there is none. The caller holds
// the lock.
func (h *HighWaterMark) compare(bucket string, found Mark) *RollbackError {
	known, ok := h.marks[bucket]
	rollback := &RollbackError{Bucket: bucket, Known: known, Found: found}
	switch {
	case found.Installation != "" && h.installation != "" && found.Installation != h.installation:
		rollback.Installation = h.installation
		return rollback
	case found.Restored != "":
		return rollback
	case !ok, found.Accepted.After(known.Accepted), known.Installation != "" && known.Installation != found.Installation:
		return nil
	case known.RolledBack, !found.Created.Equal(known.Created),
		found.Revision < known.Revision, found.Accepted.Before(known.Accepted):
		return rollback
	}
	return nil
}

// advance raises the mark of a bucket to a revision that was delivered.
func (h *HighWaterMark) advance(bucket string, revision uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if mark, ok := h.marks[bucket]; ok && revision > mark.Revision {
		mark.Revision = revision
		h.set(bucket, mark)
	}
}

// revision returns the newest known revision of a bucket.
func (h *HighWaterMark) revision(bucket string) uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.marks[bucket].Revision
}

// recordRollback records that a write got a revision that is not new, and returns the
// rollback.
func (h *HighWaterMark) recordRollback(bucket string, revision uint64) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	mark := h.marks[bucket]
	found := mark
	found.Revision, mark.RolledBack = revision, true
	h.rollbacks[bucket] = &RollbackError{Bucket: bucket, Known: mark, Found: found}
	h.set(bucket, mark)
	return h.rollbacks[bucket]
}

// set replaces the mark of a bucket and schedules a write of the file. The caller holds
// the lock.
func (h *HighWaterMark) set(bucket string, mark Mark) {
	if h.marks[bucket] == mark {
		return
	}
	h.marks[bucket] = mark
	if h.file == "" || h.saving != nil {
		return
	}
	h.saving = time.AfterFunc(saveDelay, func() {
		if err := h.Save(); err != nil {
			slog.Warn("save high-water marks", "error", err)
		}
	})
}
