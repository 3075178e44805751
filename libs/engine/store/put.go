package store

import (
	"context"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"
)

// Headers of the key-value protocol that mark a record as deleted, and one that
// says which revision was deleted. JetStream's own header for that does not reach
// a mirror.
const (
	operationHeader = "KV-Operation"
	operationPurge  = "PURGE"
	deletedHeader   = "Skep-Deleted"
)

// Put stores a record that is at the given revision, 0 if it must not exist, and
// returns its new revision. The span of the context goes with it.
//
// Errors are [ErrConflict], [ErrTooLarge], [ErrInvalidKey], [ErrRewound] and
// [ErrUnavailable]; with the last the write may have been made, and a revision says that it was,
// though the cache does not show it yet.
func (b *Bucket) Put(ctx context.Context, key string, value *recordv1.Record, revision uint64) (uint64, error) {
	if err := checkKey(key); err != nil {
		return 0, fmt.Errorf("put record: %w", err)
	}
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(value)
	if err != nil {
		return 0, fmt.Errorf("put %s: encode: %w", key, err)
	}
	if len(data) > MaxSize {
		return 0, fmt.Errorf("put %s: %w: it has %d bytes", key, ErrTooLarge, len(data))
	}
	m := nats.NewMsg(b.subject(key))
	m.Data = data
	tracing.Inject(ctx, headers(m.Header))
	written, err := b.write(ctx, "put", key, m, revision)
	if err != nil {
		return written, fmt.Errorf("put %s: %w", key, err)
	}
	return written, nil
}

// Delete removes a record that is at the given revision. Its mark keeps the record
// as it was last, since the stream holds but the newest message of a key: who was
// too slow to see the last write before still sees it in [Change.Before]. The
// errors are those of [Bucket.Put].
func (b *Bucket) Delete(ctx context.Context, key string, revision uint64) error {
	if err := checkKey(key); err != nil {
		return fmt.Errorf("delete record: %w", err)
	}
	if revision == 0 {
		return fmt.Errorf("delete %s: %w: there is no revision 0 of it", key, ErrConflict)
	}
	m := nats.NewMsg(b.subject(key))
	m.Header.Set(operationHeader, operationPurge)
	m.Header.Set(jetstream.MsgRollup, jetstream.MsgRollupSubject)
	if last, ok := b.Get(key); ok && last.Revision == revision {
		words := last.Clone().Record
		words.Sealed = nil // Secrets go at once.
		data, err := proto.MarshalOptions{Deterministic: true}.Marshal(words)
		if err != nil {
			return fmt.Errorf("delete %s: encode: %w", key, err)
		}
		m.Data = data
		m.Header.Set(deletedHeader, strconv.FormatUint(revision, 10))
	}
	if _, err := b.write(ctx, "delete", key, m, revision, jetstream.WithMsgTTL(tombstone)); err != nil {
		return fmt.Errorf("delete %s: %w", key, err)
	}
	return nil
}

// write sends a message that is refused unless its key is at the revision, and
// waits until the cache shows what came of it.
func (b *Bucket) write(ctx context.Context, op, key string, m *nats.Msg, at uint64, opts ...jetstream.PublishOpt) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, b.options.Timeout)
	defer cancel()
	if err := b.RolledBack(); err != nil {
		return 0, err
	}
	if err := b.fault(op, key, false); err != nil {
		return 0, err
	}
	known := b.known()
	revision, err := b.swap(ctx, m, at, opts...)
	if fault := b.fault(op, key, true); fault != nil {
		return 0, fault
	}
	if err != nil {
		return 0, err
	}
	if err := b.wrote(known, revision); err != nil {
		return 0, err
	}
	shown, e, last, _ := b.entryOf(written(m, revision))
	return revision, b.shown(ctx, revision, func() { b.cache.advance(shown, e, last, revision) })
}

// shown returns when the cache shows the revision. Whenever that was asked, advance
// is called, which may do something about it.
func (b *Bucket) shown(ctx context.Context, revision uint64, advance func()) error {
	defer b.cache.wait()()
	for {
		ok, moved := b.cache.reached(revision)
		advance()
		if ok {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("%w: written, but not seen yet: %w", ErrUnavailable, ctx.Err())
		}
	}
}

func (b *Bucket) fault(op, key string, after bool) error {
	if b.options.Fault == nil {
		return nil
	}
	return b.options.Fault(op, key, after)
}

func (b *Bucket) subject(key string) string { return "$KV." + b.name + "." + key }
