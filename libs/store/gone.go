package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// Gone returns the records that were deleted within a day and whose key holds
// nothing since, as they were last, with the time of the delete. It asks the stream:
// the cache does not keep them.
func (b *Bucket) Gone(ctx context.Context) ([]Record, error) {
	ctx, cancel := context.WithTimeout(ctx, b.options.Timeout)
	defer cancel()
	marks, err := b.marks(ctx)
	if err != nil {
		return nil, fmt.Errorf("list deletes of bucket %s: %w", b.name, err)
	}
	var records []Record
	for _, mark := range marks {
		m, err := b.stream.GetMsg(ctx, mark)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue // The key holds something again, or the mark has expired.
		}
		if err != nil {
			return nil, fmt.Errorf("read delete %d of bucket %s: %w", mark, b.name, err)
		}
		_, _, last, ok := b.entryOf(Message{Subject: m.Subject, Revision: m.Sequence, Time: m.Time, Header: m.Header, Data: m.Data, Gone: true})
		if !ok || last == nil {
			continue // It expired, which tells nothing of what it was.
		}
		if r, ok := b.cache.read(last); ok {
			records = append(records, r)
		}
	}
	return records, nil
}

// marks are the revisions of the deletes that the stream remembers.
func (b *Bucket) marks(ctx context.Context) ([]uint64, error) {
	consumer, err := b.js.CreateConsumer(ctx, "KV_"+b.name, jetstream.ConsumerConfig{
		FilterSubject: ">", DeliverPolicy: jetstream.DeliverLastPerSubjectPolicy, AckPolicy: jetstream.AckNonePolicy,
		HeadersOnly: true, MemoryStorage: true, Replicas: 1, InactiveThreshold: orphanAge,
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
	var marks []uint64
	for {
		m, err := entries.Next(jetstream.NextContext(ctx))
		if err != nil {
			return nil, err
		}
		at, err := m.Metadata()
		if err != nil {
			return nil, err
		}
		if gone(m.Headers()) {
			marks = append(marks, at.Sequence.Stream)
		}
		if at.NumPending == 0 {
			return marks, nil
		}
	}
}
