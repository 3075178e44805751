package store

import (
	"context"
	"fmt"
	"time"

	"github.com/skep-dev/skep/libs/platform/streammeta"
)

// A Mark is the identity and the revision of a bucket at one time.
type Mark struct {
	// Installation is the id of the installation that owns the bucket, or "" if the
	// stream does not say it.
	Installation string `json:"installation,omitempty"`
	// Created is the creation time of the stream.
	Created time.Time `json:"created"`
	// Revision is the newest revision.
	Revision uint64 `json:"revision"`
	// Accepted is the time at which an operator last accepted the bucket; zero means
	// never.
	Accepted time.Time `json:"accepted,omitzero"`
	// Restored names the backup from which the stream was restored. It is empty once an
	// operator accepted the bucket.
	Restored string `json:"restored,omitempty"`
	// RolledBack means that a rollback was detected. Only an acceptance ends it.
	RolledBack bool `json:"back,omitempty"`
}

// readMark reads the current mark of a stream, and its number of replicas.
func readMark(ctx context.Context, s *kvStream) (mark Mark, replicas int, err error) {
	stream, err := s.js.Stream(ctx, s.name())
	if err != nil {
		return Mark{}, 0, fmt.Errorf("read stream of %s: %w", s.bucket, err)
	}
	info := stream.CachedInfo()
	mark = Mark{
		Installation: info.Config.Metadata[streammeta.Installation], Created: info.Created, Revision: info.State.LastSeq,
		Restored: info.Config.Metadata[streammeta.Restored],
	}
	mark.Accepted, _ = time.Parse(time.RFC3339Nano, info.Config.Metadata[streammeta.Accepted])
	return mark, info.Config.Replicas, nil
}
