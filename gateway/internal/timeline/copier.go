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

// Copier copies the transitions of a bucket's records to the stream. One replica
// at a time should run it; two do no harm.
type Copier struct {
	// JetStream holds the stream.
	JetStream jetstream.JetStream
	// Bucket is what is copied from.
	Bucket *store.Bucket
}

// Run copies until ctx ends.
func (c *Copier) Run(ctx context.Context) error {
	if err := c.Bucket.Synced(ctx); err != nil {
		return nil //nolint:nilerr // The context ended before the first list.
	}
	copied, told := make(map[string]int64), make(map[uint64]bool)
	for ctx.Err() == nil {
		err := c.follow(ctx, copied, told)
		if err == nil {
			continue
		}
		slog.Warn("copy events", "bucket", c.Bucket.Name(), "error", err)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
	return nil
}

// pause is how long to wait after a failed copy.
const pause = time.Second

// follow copies what is there, what went lately, and every change after that. Copied
// are the transitions and told the deletes that are known to be copied.
func (c *Copier) follow(ctx context.Context, copied map[string]int64, told map[uint64]bool) error {
	events, err := c.JetStream.Stream(ctx, stream)
	if err != nil {
		return err
	}
	watch := c.Bucket.Changes("")
	defer watch.Stop()
	for _, key := range c.Bucket.Keys("") {
		record, ok := c.Bucket.Get(key)
		if !ok {
			continue // The watch tells that it is gone.
		}
		if err := c.catchUp(ctx, events, record, copied); err != nil {
			return err
		}
	}
	if err := c.catchUpGone(ctx, events, copied, told); err != nil {
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
				if err := c.copyGone(ctx, *change.Before, time.Now(), copied); err != nil {
					return err
				}
			}
		}
	}
}

// copy publishes what is new in a record. What happened to a part before its cluster
// adopted it is no business of that.
func (c *Copier) copy(ctx context.Context, record store.Record, copied map[string]int64) error {
	r, err := resource(record)
	if err != nil {
		// It will not get better by trying again, and the others must go on.
		slog.Error("copy events", "bucket", c.Bucket.Name(), "key", record.Key, "error", err)
		return nil
	}
	for _, transition := range record.GetTransitions() {
		if transition.GetSequence() <= copied[r.GetUid()] {
			continue
		}
		if belongs := object.OwnerRef(r); !belongs.GetAdopted() || !transition.GetTime().AsTime().Before(belongs.GetCreateTime().AsTime()) {
			if err := c.publish(ctx, record, r, transition); err != nil {
				return err
			}
		}
		copied[r.GetUid()] = transition.GetSequence()
	}
	return nil
}

// copyGone tells what was not told while the record was there, and that it is
// gone: its last transition could not.
func (c *Copier) copyGone(ctx context.Context, record store.Record, at time.Time, copied map[string]int64) error {
	if err := c.copy(ctx, record, copied); err != nil {
		return err
	}
	r, err := resource(record)
	if err != nil {
		return nil //nolint:nilerr // It was told when the record was there.
	}
	delete(copied, r.GetUid())
	return c.publish(ctx, record, r, deleted(record, at))
}

// deleted is the transition that follows the last one of a record that went.
func deleted(record store.Record, at time.Time) *recordv1.Transition {
	last := int64(0)
	if n := len(record.GetTransitions()); n > 0 {
		last = record.GetTransitions()[n-1].GetSequence()
	}
	return &recordv1.Transition{Sequence: last + 1, Time: timestamppb.New(at), Type: "Deleted", Reason: "Gone"}
}

// resource is the API resource of a record.
func resource(record store.Record) (object.Object, error) {
	m, err := record.GetResource().UnmarshalNew()
	if err != nil {
		return nil, err
	}
	r, ok := m.(object.Object)
	if !ok {
		return nil, fmt.Errorf("%s is no resource", m.ProtoReflect().Descriptor().FullName())
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

// subject is what a transition is stored under.
func subject(record store.Record, r object.Object, transition *recordv1.Transition) string {
	cluster, parts := object.ClusterOf(record), strings.Split(record.Key, "/")
	return strings.Join([]string{root, object.Organization(cluster), object.ID(cluster), parts[0], parts[len(parts)-1], r.GetUid(),
		strconv.FormatInt(transition.GetSequence(), 10)}, ".")
}
