package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// Gone returns a record that was deleted at a revision, as it was last, with the time
// of the delete; false if the stream does not tell: the key holds something again, or
// the record expired.
func (b *Bucket) Gone(ctx context.Context, revision uint64) (Record, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, b.options.Timeout)
	defer cancel()
	m, err := b.stream.GetMsg(ctx, revision)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return Record{}, false, nil
	}
	if err != nil {
		return Record{}, false, fmt.Errorf("read delete %d of bucket %s: %w", revision, b.name, err)
	}
	_, _, last, ok := b.entryOf(Message{Subject: m.Subject, Revision: m.Sequence, Time: m.Time, Header: m.Header, Data: m.Data, Gone: true})
	if !ok || last == nil {
		return Record{}, false, nil
	}
	r, ok := b.cache.read(last)
	return r, ok, nil
}

// Deletes returns the revisions of the deletes of the last day whose keys hold nothing
// since. It asks the stream: the cache does not keep them.
func (b *Bucket) Deletes(ctx context.Context) ([]uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, b.options.Timeout)
	defer cancel()
	revisions, err := b.marks(ctx)
	if err != nil {
		return nil, fmt.Errorf("list deletes of bucket %s: %w", b.name, err)
	}
	return revisions, nil
}

// marks reads the headers of every newest entry for those that mark a delete.
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
