package store

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// errStale is why a bucket is listed anew whose list lacks what was shown before.
var errStale = errors.New("the list is older than what was shown")

// stalenessMost is for how long lists may be older than what was shown, before that
// is the truth: a server that was cut off and led a stream goes on for some 20 s in
// the belief that it does.
const stalenessMost = 30 * time.Second

// staleness is since when the lists of a bucket have been too old.
type staleness struct{ since time.Time }

// stale reports whether a list that came as far as a revision is that of a server
// that was away, and still takes itself for the leader: then what was shown, and
// what was written by this very process, would be gone for a moment. Of a bucket on
// one server, and of one that stays behind for long, the list is the truth.
func (b *Bucket) stale(ctx context.Context, s *staleness, revision uint64) (bool, error) {
	shown := b.cache.newest()
	if revision >= shown {
		s.since = time.Time{}
		return false, nil
	}
	found, replicas, err := b.mark(ctx)
	if err != nil {
		return false, err
	}
	if found.Revision >= shown {
		// The leader counts as far. What there is between may have expired.
		next, err := next(ctx, b.stream, revision)
		if errors.Is(err, jetstream.ErrMsgNotFound) || err == nil && next > shown {
			s.since = time.Time{}
			return false, nil
		}
		return true, err
	}
	if s.since.IsZero() {
		s.since = time.Now()
	}
	if replicas > 1 && time.Since(s.since) < stalenessMost {
		return true, nil
	}
	s.since = time.Time{}
	return false, nil
}
