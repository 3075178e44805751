package timeline

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/store"
)

// catchUp copies a record that another copier may have copied before. Transitions are
// copied in order: if the stream has the last one, it has the earlier ones.
func (c *Copier) catchUp(ctx context.Context, events jetstream.Stream, record store.Record, copied map[string]int64) error {
	r, err := unpack(record)
	transitions := record.GetTransitions()
	if err != nil || len(transitions) == 0 || copied[r.GetUid()] > 0 || object.ClusterOf(record) == "" {
		return c.copy(ctx, record, copied)
	}
	last := transitions[len(transitions)-1]
	published, err := isPublished(ctx, events, subject(record, r, last))
	if err != nil {
		return err
	}
	if published {
		copied[r.GetUid()] = last.GetSequence()
		return nil
	}
	return c.copy(ctx, record, copied)
}

// catchUpDeletes publishes the deletes of records that were deleted while no copier ran.
// Deletes is kept across retries, so that a retry continues where the last attempt failed
// and the catch-up ends even after many deletes.
func (c *Copier) catchUpDeletes(ctx context.Context, events jetstream.Stream, copied map[string]int64, deletes map[uint64]bool) error {
	revisions, err := c.Bucket.DeletedRevisions(ctx)
	if err != nil {
		return err
	}
	for _, revision := range revisions {
		if deletes[revision] {
			continue
		}
		record, known, err := c.Bucket.DeletedRecord(ctx, revision)
		if err != nil {
			return err
		}
		if known {
			if err := c.catchUpDelete(ctx, events, record, copied); err != nil {
				return err
			}
		}
		deletes[revision] = true
	}
	return nil
}

// catchUpDelete publishes the delete of a record, unless another copier did.
func (c *Copier) catchUpDelete(ctx context.Context, events jetstream.Stream, record store.Record, copied map[string]int64) error {
	r, err := unpack(record)
	if err != nil || object.ClusterOf(record) == "" {
		return nil //nolint:nilerr // A record that cannot be read has no events.
	}
	published, err := isPublished(ctx, events, subject(record, r, deleteTransition(record, record.Time)))
	if err != nil || published {
		return err
	}
	return c.copyDelete(ctx, record, record.Time, copied)
}

// isPublished reports whether the stream has an event under the subject.
func isPublished(ctx context.Context, events jetstream.Stream, subject string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	_, err := events.GetLastMsgForSubject(ctx, subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return false, nil
	}
	return err == nil, err
}
