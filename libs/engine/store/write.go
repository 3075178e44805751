package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/platform/follow"
)

// operationPurge is the value of [follow.OperationHeader] that marks a delete.
const operationPurge = "PURGE"

// markerAge is the time for which the bucket keeps the marker of a delete. A watcher
// that was away for longer learns of the delete from a new list.
const markerAge = 24 * time.Hour

// writer writes records. A write ends when the cache shows it.
type writer struct {
	swapper
	guard   *guard
	timeout time.Duration
	fault   func(op, key string, after bool) error // May be nil.
}

// put implements [Bucket.Put].
func (w *writer) put(ctx context.Context, key string, value *recordv1.Record, revision uint64) (uint64, error) {
	if err := checkKey(key); err != nil {
		return 0, fmt.Errorf("put record: %w", err)
	}
	data, err := encode(value)
	if err != nil {
		return 0, fmt.Errorf("put %s: encode: %w", key, err)
	}
	if len(data) > MaxSize {
		return 0, fmt.Errorf("put %s: %w: it has %d bytes", key, ErrTooLarge, len(data))
	}
	m := nats.NewMsg(w.stream.subject(key))
	m.Data = data
	injectTrace(ctx, m.Header)
	stored, err := w.write(ctx, "put", key, m, revision)
	if err != nil {
		return stored, fmt.Errorf("put %s: %w", key, err)
	}
	return stored, nil
}

// delete implements [Bucket.Delete].
func (w *writer) delete(ctx context.Context, key string, revision uint64) error {
	if err := checkKey(key); err != nil {
		return fmt.Errorf("delete record: %w", err)
	}
	if revision == 0 {
		return fmt.Errorf("delete %s: %w: revision 0 does not exist", key, ErrConflict)
	}
	m := nats.NewMsg(w.stream.subject(key))
	m.Header.Set(follow.OperationHeader, operationPurge)
	m.Header.Set(jetstream.MsgRollup, jetstream.MsgRollupSubject)
	if last, ok := w.cache.get(key); ok && last.Revision == revision {
		content := last.Clone().Record
		content.Sealed = nil // A delete removes secrets at once.
		data, err := encode(content)
		if err != nil {
			return fmt.Errorf("delete %s: encode: %w", key, err)
		}
		m.Data = data
		m.Header.Set(deletedHeader, strconv.FormatUint(revision, 10))
	}
	if _, err := w.write(ctx, "delete", key, m, revision, jetstream.WithMsgTTL(markerAge)); err != nil {
		return fmt.Errorf("delete %s: %w", key, err)
	}
	return nil
}

func encode(value *recordv1.Record) ([]byte, error) {
	return proto.MarshalOptions{Deterministic: true}.Marshal(value)
}

// write stores a message if its key is at the expected revision, and blocks until the
// cache shows the result.
func (w *writer) write(
	ctx context.Context, op, key string, m *nats.Msg, expected uint64, opts ...jetstream.PublishOpt,
) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	if err := w.guard.rolledBack(); err != nil {
		return 0, err
	}
	if err := w.injectFault(op, key, false); err != nil {
		return 0, err
	}
	known := w.guard.knownRevision()
	revision, err := w.swap(ctx, m, expected, opts...)
	if fault := w.injectFault(op, key, true); fault != nil {
		return 0, fault
	}
	if err != nil {
		return 0, err
	}
	if err := w.guard.checkWrite(known, revision); err != nil {
		return 0, err
	}
	u, _ := w.stream.update(storedMessage(m, revision))
	return revision, w.cache.await(ctx, revision, func() { w.cache.showOwnWrite(u) })
}

func (w *writer) injectFault(op, key string, after bool) error {
	if w.fault == nil {
		return nil
	}
	return w.fault(op, key, after)
}

// storedMessage returns the message that followers will receive of a message that the
// stream stored at the revision.
func storedMessage(m *nats.Msg, revision uint64) follow.Message {
	return follow.Message{
		Subject: m.Subject, Revision: revision, Time: time.Now(), Header: m.Header, Data: m.Data, Deleted: follow.IsDelete(m.Header),
	}
}
