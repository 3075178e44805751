package store

import (
	"fmt"
	"time"
)

// A RollbackError describes a bucket that is rolled back.
type RollbackError struct {
	// Bucket is the name of the bucket.
	Bucket string
	// Known is the high-water mark, Found the mark that the bucket shows now.
	Known, Found Mark
	// Installation is the installation that the process works for, if the bucket belongs
	// to another one; otherwise "".
	Installation string
}

// Error describes the rollback.
func (r *RollbackError) Error() string {
	switch {
	case r.Installation != "":
		return fmt.Sprintf("%v: bucket %s belongs to installation %s, and this process works for %s",
			ErrRolledBack, r.Bucket, r.Found.Installation, r.Installation)
	case r.Found.Restored != "":
		return fmt.Sprintf("%v: bucket %s was restored from %s", ErrRolledBack, r.Bucket, r.Found.Restored)
	case !r.Found.Created.Equal(r.Known.Created):
		return fmt.Sprintf("%v: bucket %s was created at %s and replaces the one created at %s",
			ErrRolledBack, r.Bucket, r.Found.Created.UTC().Format(time.RFC3339), r.Known.Created.UTC().Format(time.RFC3339))
	}
	return fmt.Sprintf("%v: bucket %s is at revision %d and was at %d",
		ErrRolledBack, r.Bucket, r.Found.Revision, r.Known.Revision)
}

// Unwrap returns [ErrRolledBack].
func (r *RollbackError) Unwrap() error { return ErrRolledBack }
