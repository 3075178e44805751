package store

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// ErrRolledBack means that the store is older than it is known to have been: it came
// back from a copy, or is another one. Nothing is written to it, and nothing may
// be done on the strength of it, until an operator accepts it as it is.
var ErrRolledBack = errors.New("the state store went back")

// A Mark is how far a bucket is known to have come.
type Mark struct {
	// Installation is whose bucket it is, if the stream says so.
	Installation string `json:"installation,omitempty"`
	// Created is when its stream was made.
	Created time.Time `json:"created"`
	// Revision is its newest write.
	Revision uint64 `json:"revision"`
	// Accepted is when an operator last accepted it as it was; zero if never.
	Accepted time.Time `json:"accepted,omitzero"`
	// Restored says which backup the stream was restored from. It is empty once
	// that was accepted.
	Restored string `json:"restored,omitempty"`
	// Back says that the bucket went back since, which only acceptance ends.
	Back bool `json:"back,omitempty"`
}

// A RollbackError is a bucket that went back.
type RollbackError struct {
	// Bucket is its name.
	Bucket string
	// Known is how far it had come, Found where it is now.
	Known, Found Mark
	// Installation is the one that the process works for, if the bucket is another's.
	Installation string
}

// Error says what happened.
func (r *RollbackError) Error() string {
	switch {
	case r.Installation != "":
		return fmt.Sprintf("%v: bucket %s is of installation %s, and this process works for %s", ErrRolledBack, r.Bucket, r.Found.Installation, r.Installation)
	case r.Found.Restored != "":
		return fmt.Sprintf("%v: bucket %s was restored from %s", ErrRolledBack, r.Bucket, r.Found.Restored)
	case !r.Found.Created.Equal(r.Known.Created):
		return fmt.Sprintf("%v: bucket %s was made anew at %s, in place of the one made at %s",
			ErrRolledBack, r.Bucket, r.Found.Created.UTC().Format(time.RFC3339), r.Known.Created.UTC().Format(time.RFC3339))
	}
	return fmt.Sprintf("%v: bucket %s is at revision %d and was at %d", ErrRolledBack, r.Bucket, r.Found.Revision, r.Known.Revision)
}

// Unwrap is ErrRewound.
func (r *RollbackError) Unwrap() error { return ErrRolledBack }

// A HighWaterMark remembers, outside of the store, how far the buckets of a service
// have come, and so knows when the store went back. It is safe for concurrent use.
//
// It is told by three things: the stream was made at another time, it counts
// less than it did, or it says itself that it was restored. What it cannot know is
// a rollback while no process of the service ran, if the file went back as well or
// there is none: then [Bucket.Inherited] is what keeps anything from being made twice.
type HighWaterMark struct {
	installation string
	file         string

	mu     sync.Mutex
	marks  map[string]Mark
	back   map[string]*RollbackError
	saving *time.Timer
}

// OpenHighWaterMark reads the marks in a file, if there is one; with no file they are
// kept in memory only. Installation is the one this process works for.
func OpenHighWaterMark(file, installation string) (*HighWaterMark, error) {
	h := &HighWaterMark{installation: installation, file: file, back: make(map[string]*RollbackError)}
	var err error
	if h.marks, err = readMarks(file); err != nil {
		return nil, err
	}
	return h, nil
}

// RolledBack returns a *Rewind while a bucket of the service is known to have gone back.
func (h *HighWaterMark) RolledBack() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, rewind := range h.back {
		return rewind
	}
	return nil
}

// see compares a bucket with its mark, and moves the mark if it may move. It
// returns how the bucket went back, if it did, and whether it was accepted since.
func (h *HighWaterMark) see(bucket string, found Mark) (back *RollbackError, accepted bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	known, ok := h.marks[bucket]
	if back = h.judge(bucket, found); back != nil {
		if len(h.back) == 0 {
			slog.Error("nothing is changed in AWS until the state is accepted or replaced", "reason", back.Error())
		}
		h.back[bucket] = back
		if ok && !known.Back {
			known.Back = true
			h.keep(bucket, known)
		}
		return back, false
	}
	switch accepted = ok && found.Accepted.After(known.Accepted); {
	case accepted:
		slog.Warn("the state was accepted as it is", "bucket", bucket, "revision", found.Revision)
	case ok && known.Installation != found.Installation:
		slog.Warn("the state is that of a new installation, which touches nothing of the old one",
			"bucket", bucket, "installation", found.Installation, "old", known.Installation)
	}
	delete(h.back, bucket)
	h.keep(bucket, found)
	return nil, accepted
}

// judge says how a bucket went back, or nil if it did not. The lock is held.
func (h *HighWaterMark) judge(bucket string, found Mark) *RollbackError {
	known, ok := h.marks[bucket]
	rewind := &RollbackError{Bucket: bucket, Known: known, Found: found}
	switch {
	case found.Installation != "" && h.installation != "" && found.Installation != h.installation:
		rewind.Installation = h.installation
		return rewind
	case found.Restored != "":
		return rewind
	case !ok, found.Accepted.After(known.Accepted), known.Installation != "" && known.Installation != found.Installation:
		return nil
	case known.Back, !found.Created.Equal(known.Created), found.Revision < known.Revision, found.Accepted.Before(known.Accepted):
		return rewind
	}
	return nil
}

// doubtful reports whether a bucket seems to have gone back and might yet prove not to.
func (h *HighWaterMark) doubtful(bucket string, found Mark) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	known := h.marks[bucket]
	return h.back[bucket] == nil && !known.Back && h.judge(bucket, found) != nil && found.Created.Equal(known.Created)
}

// released reports whether a bucket that went back is now to be taken as it is.
func (h *HighWaterMark) released(bucket string, found Mark) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.judge(bucket, found) == nil
}

// keep moves a mark. The lock is held.
func (h *HighWaterMark) keep(bucket string, mark Mark) {
	if h.marks[bucket] != mark {
		h.marks[bucket] = mark
		h.save()
	}
}

// reached moves the mark of a bucket to a revision that was seen.
func (h *HighWaterMark) reached(bucket string, revision uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if mark, ok := h.marks[bucket]; ok && revision > mark.Revision {
		mark.Revision = revision
		h.keep(bucket, mark)
	}
}

// at is the revision that a bucket is known to have come to.
func (h *HighWaterMark) at(bucket string) uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.marks[bucket].Revision
}

// sank notes that a write was given a revision that is not new.
func (h *HighWaterMark) sank(bucket string, revision uint64) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	mark := h.marks[bucket]
	found := mark
	found.Revision, mark.Back = revision, true
	h.back[bucket] = &RollbackError{Bucket: bucket, Known: mark, Found: found}
	h.keep(bucket, mark)
	return h.back[bucket]
}
