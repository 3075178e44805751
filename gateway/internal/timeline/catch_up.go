package timeline

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/store"
)

// catchUp copies a record that another copier may have copied before. Transitions
// are copied in their order, so where the last one is, the others are.
func (c *Copier) catchUp(ctx context.Context, events jetstream.Stream, record store.Record, copied map[string]int64) error {
	r, err := resource(record)
	transitions := record.GetTransitions()
	if err != nil || len(transitions) == 0 || copied[r.GetUid()] > 0 || object.ClusterOf(record) == "" {
		return c.copy(ctx, record, copied)
	}
	last := transitions[len(transitions)-1]
	told, err := isTold(ctx, events, subject(record, r, last))
	if err != nil {
		return err
	}
	if told {
		copied[r.GetUid()] = last.GetSequence()
		return nil
	}
	return c.copy(ctx, record, copied)
}

// catchUpGone tells of the records that went while nobody copied. What it has told
// stays told when it is begun anew, so that it ends though many went.
func (c *Copier) catchUpGone(ctx context.Context, events jetstream.Stream, copied map[string]int64, told map[uint64]bool) error {
	deletes, err := c.Bucket.Deletes(ctx)
	if err != nil {
		return err
	}
	for _, revision := range deletes {
		if told[revision] {
			continue
		}
		record, known, err := c.Bucket.Gone(ctx, revision)
		if err != nil {
			return err
		}
		if known {
			if err := c.catchUpDelete(ctx, events, record, copied); err != nil {
				return err
			}
		}
		told[revision] = true
	}
	return nil
}

// catchUpDelete tells of a record that went, unless somebody has.
func (c *Copier) catchUpDelete(ctx context.Context, events jetstream.Stream, record store.Record, copied map[string]int64) error {
	r, err := resource(record)
	if err != nil || object.ClusterOf(record) == "" {
		return nil //nolint:nilerr // It was told when the record was there.
	}
	told, err := isTold(ctx, events, subject(record, r, deleted(record, record.Time)))
	if err != nil || told {
		return err
	}
	return c.copyGone(ctx, record, record.Time, copied)
}

// isTold reports whether there is an event under a subject.
func isTold(ctx context.Context, events jetstream.Stream, subject string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	_, err := events.GetLastMsgForSubject(ctx, subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return false, nil
	}
	return err == nil, err
}
