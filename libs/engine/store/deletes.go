package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/skep-dev/skep/libs/platform/follow"
)

// markerConsumerAge is the time after which the server deletes a consumer that lists
// delete markers and that no client reads.
const markerConsumerAge = time.Minute

// deletes reads deleted records from the stream.
type deletes struct {
	stream  *kvStream
	decoder decoder
	timeout time.Duration
}

// get implements [Bucket.Gone].
func (d *deletes) get(ctx context.Context, revision uint64) (Record, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	m, err := d.stream.stream.GetMsg(ctx, revision)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return Record{}, false, nil
	}
	if err != nil {
		return Record{}, false, fmt.Errorf("read delete %d of bucket %s: %w", revision, d.stream.bucket, err)
	}
	u, ok := d.stream.update(follow.Message{
		Subject: m.Subject, Revision: m.Sequence, Time: m.Time, Header: m.Header, Data: m.Data, Deleted: true,
	})
	if !ok || u.deleted == nil {
		return Record{}, false, nil
	}
	r, ok := d.decoder.record(u.deleted)
	return r, ok, nil
}

// list implements [Bucket.Deletes].
func (d *deletes) list(ctx context.Context) ([]uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	revisions, err := d.markers(ctx)
	if err != nil {
		return nil, fmt.Errorf("list deletes of bucket %s: %w", d.stream.bucket, err)
	}
	return revisions, nil
}

// markers returns the revisions of the delete markers among the newest entries of all
// keys. It reads the headers only.
func (d *deletes) markers(ctx context.Context) ([]uint64, error) {
	consumer, err := d.stream.js.CreateConsumer(ctx, d.stream.name(), jetstream.ConsumerConfig{
		FilterSubject: ">", DeliverPolicy: jetstream.DeliverLastPerSubjectPolicy, AckPolicy: jetstream.AckNonePolicy,
		HeadersOnly: true, MemoryStorage: true, Replicas: 1, InactiveThreshold: markerConsumerAge,
	})
	if err != nil {
		return nil, err
	}
	if consumer.CachedInfo().NumPending == 0 {
		return nil, nil
	}
	entries, err := consumer.Messages()
	if err != nil {
		return nil, err
	}
	defer entries.Stop()
	var markers []uint64
	for {
		m, err := entries.Next(jetstream.NextContext(ctx))
		if err != nil {
			return nil, err
		}
		at, err := m.Metadata()
		if err != nil {
			return nil, err
		}
		if follow.IsDelete(m.Headers()) {
			markers = append(markers, at.Sequence.Stream)
		}
		if at.NumPending == 0 {
			return markers, nil
		}
	}
}
