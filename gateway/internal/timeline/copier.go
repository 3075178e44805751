package timeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/store"
)

// Copier copies the transitions of a bucket's records to the stream. One replica at a time
// runs it; a second one is harmless, because the stream refuses duplicates.
type Copier struct {
	// JetStream is the connection to the stream.
	JetStream jetstream.JetStream
	// Bucket is the source of the records.
	Bucket *store.Bucket
}

// Run copies until ctx ends. It retries a failed copy forever.
func (c *Copier) Run(ctx context.Context) error {
	if err := c.Bucket.Synced(ctx); err != nil {
		return nil //nolint:nilerr // The context ended before the bucket was synced.
	}
	copied, deletes := make(map[string]int64), make(map[uint64]bool)
	for ctx.Err() == nil {
		err := c.follow(ctx, copied, deletes)
		if err == nil {
			continue
		}
		slog.Warn("copy events", "bucket", c.Bucket.Name(), "error", err)
		select {
		case <-time.After(retryDelay):
		case <-ctx.Done():
		}
	}
	return nil
}

// retryDelay is the delay after a failed copy.
const retryDelay = time.Second

// follow copies the existing records, then the deletes of the last day, then every change.
// Copied holds the last copied transition of each object by uid, and deletes the revisions
// of the copied deletes.
func (c *Copier) follow(ctx context.Context, copied map[string]int64, deletes map[uint64]bool) error {
	events, err := c.JetStream.Stream(ctx, stream)
	if err != nil {
		return err
	}
	watch := c.Bucket.Changes("")
	defer watch.Stop()
	for _, key := range c.Bucket.Keys("") {
		record, ok := c.Bucket.Get(key)
		if !ok {
			continue // The watch delivers the delete.
		}
		if err := c.catchUp(ctx, events, record, copied); err != nil {
			return err
		}
	}
	if err := c.catchUpDeletes(ctx, events, copied, deletes); err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case change, ok := <-watch.C:
			if !ok {
				return nil
			}
			if change.Record != nil {
				if err := c.copy(ctx, *change.Record, copied); err != nil {
					return err
				}
				continue
			}
			if change.Before != nil {
				if err := c.copyDelete(ctx, *change.Before, time.Now(), copied); err != nil {
					return err
				}
			}
		}
	}
}

// copy publishes the new transitions of a record. Transitions of a network before its
// cluster adopted it are not events of the cluster.
func (c *Copier) copy(ctx context.Context, record store.Record, copied map[string]int64) error {
	r, err := unpack(record)
	if err != nil {
		// A retry would fail again and delay the copies of all other records.
		slog.Error("copy events", "bucket", c.Bucket.Name(), "key", record.Key, "error", err)
		return nil
	}
	for _, transition := range record.GetTransitions() {
		if transition.GetSequence() <= copied[r.GetUid()] {
			continue
		}
		if owner := object.OwnerRef(r); !owner.GetAdopted() || !transition.GetTime().AsTime().Before(owner.GetCreateTime().AsTime()) {
			if err := c.publish(ctx, record, r, transition); err != nil {
				return err
			}
		}
		copied[r.GetUid()] = transition.GetSequence()
	}
	return nil
}

// copyDelete publishes the remaining transitions of a deleted record, and its delete: the
// record itself has no transition for its delete.
func (c *Copier) copyDelete(ctx context.Context, record store.Record, at time.Time, copied map[string]int64) error {
	if err := c.copy(ctx, record, copied); err != nil {
		return err
	}
	r, err := unpack(record)
	if err != nil {
		return nil //nolint:nilerr // copy has logged the error.
	}
	delete(copied, r.GetUid())
	return c.publish(ctx, record, r, deleteTransition(record, at))
}

// deleteTransition returns the transition that follows the last one of a deleted record.
func deleteTransition(record store.Record, at time.Time) *recordv1.Transition {
	last := int64(0)
	if n := len(record.GetTransitions()); n > 0 {
		last = record.GetTransitions()[n-1].GetSequence()
	}
	return &recordv1.Transition{Sequence: last + 1, Time: timestamppb.New(at), Type: "Deleted", Reason: "Gone"}
}

// unpack returns the object of a record.
func unpack(record store.Record) (object.Object, error) {
	m, err := record.GetResource().UnmarshalNew()
	if err != nil {
		return nil, err
	}
	r, ok := m.(object.Object)
	if !ok {
		return nil, fmt.Errorf("%s is not an object", m.ProtoReflect().Descriptor().FullName())
	}
	return r, nil
}

func (c *Copier) publish(ctx context.Context, record store.Record, r object.Object, transition *recordv1.Transition) error {
	cluster := object.ClusterOf(record)
	if cluster == "" {
		return nil
	}
	data, err := proto.Marshal(&clusterv1.Event{
		Time: transition.GetTime(), Resource: r.GetName(),
		Type: transition.GetType(), Reason: transition.GetReason(), Message: transition.GetMessage(),
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	_, err = c.JetStream.Publish(ctx, subject(record, r, transition), data, jetstream.WithExpectLastSequencePerSubject(0))
	var refused *jetstream.APIError
	if errors.As(err, &refused) && (refused.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence ||
		refused.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant) {
		return nil
	}
	return err
}

// subject returns the subject of the event of a transition. It is unique to the transition,
// so that the stream refuses a second copy.
func subject(record store.Record, r object.Object, transition *recordv1.Transition) string {
	cluster, segments := object.ClusterOf(record), strings.Split(record.Key, "/")
	return strings.Join([]string{root, object.Organization(cluster), object.ID(cluster), segments[0], segments[len(segments)-1], r.GetUid(),
		strconv.FormatInt(transition.GetSequence(), 10)}, ".")
}
