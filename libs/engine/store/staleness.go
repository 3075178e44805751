package store

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/skep-dev/skep/libs/platform/follow"
)

// errStale means that a list lacks entries that the cache shows, so that the bucket is
// listed again.
var errStale = errors.New("the list is older than the cache")

// stalenessMax is the time after which a list that is older than the cache is accepted.
// A leader that was cut off believes for some 20 s that it leads.
const stalenessMax = 30 * time.Second

// staleness finds lists that are older than the cache.
type staleness struct {
	stream *kvStream
	since  time.Time // Of the first stale list in a row; zero if there is none.
}

// check reports whether a list up to the revision comes from a server that was cut off
// and still believes that it leads. Such a list would hide, for a moment, records that
// the cache shows, among them writes of this process. On a single server, and after
// stalenessMax, the list is accepted.
func (s *staleness) check(ctx context.Context, revision, shown uint64) (stale bool, err error) {
	if revision >= shown {
		s.since = time.Time{}
		return false, nil
	}
	found, replicas, err := readMark(ctx, s.stream)
	if err != nil {
		return false, err
	}
	if found.Revision >= shown {
		// The leader has reached the revision of the cache. The entries after the list may
		// have expired; then the list is complete.
		next, err := follow.Next(ctx, s.stream.stream, revision)
		if errors.Is(err, jetstream.ErrMsgNotFound) || err == nil && next > shown {
			s.since = time.Time{}
			return false, nil
		}
		return true, err
	}
	if s.since.IsZero() {
		s.since = time.Now()
	}
	if replicas > 1 && time.Since(s.since) < stalenessMax {
		return true, nil
	}
	s.since = time.Time{}
	return false, nil
}
