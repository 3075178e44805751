// Package follow delivers the newest entry of every subject of a JetStream stream and
// then every later entry, in order and without a gap.
//
// [Stream] returns as soon as an entry might have been missed. The caller then follows
// the stream again and takes the difference between its old content and the new list.
// The package knows streams only; package store follows a bucket with it, and package
// queue the shard leases.
package follow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A Message is one entry of a stream.
type Message struct {
	// Subject of an entry of a bucket is "$KV.<bucket>.<key>".
	Subject string
	// Revision is the sequence of the entry in the stream.
	Revision uint64
	// Time is when the stream stored the entry.
	Time time.Time
	// Header holds the headers that the writer sent.
	Header nats.Header
	// Data is the value.
	Data []byte
	// Deleted reports whether the entry marks a deleted or expired key.
	Deleted bool
}

// Limits of a list.
const (
	// listTimeout is the time within which a server must begin a list.
	listTimeout = 3 * time.Second
	// orphanAge is the time after which the server deletes a consumer that no client reads.
	orphanAge = time.Minute
)

// Stream calls entry with the newest entry of every subject of the stream, then calls
// listed once, and then calls entry with every later entry. The calls are in order and
// one at a time. Stream always returns an error: the cause of ctx when ctx ends, or the
// reason why an entry might have been missed. Waiting reports whether a caller waits
// for an entry that was not delivered yet; nil means never.
//
// The client library repairs a broken subscription automatically, but was observed to
// deliver nothing for 20 s after a restart of the server. Therefore four events end
// Stream: a reconnect; a gap in the sequence numbers of the deliveries; two probes in
// a row that find an entry behind the last delivery, with no delivery between them;
// and probes that get no answer.
//
// Any server that keeps the stream may send the list, and a server that was cut off
// may lack entries that were delivered long ago. Therefore listed is called only when
// the list has reached the revision that the leader of the stream had when it began.
func Stream(
	ctx context.Context, js jetstream.JetStream, stream string, entry func(Message), listed func(), waiting func() bool,
) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	reconnected := js.Conn().StatusChanged(nats.CONNECTED)
	defer js.Conn().RemoveStatusListener(reconnected)

	// A cluster that elects a leader does not answer, but may answer the next request.
	creating, created := context.WithTimeout(ctx, listTimeout)
	defer created()
	consumer, err := js.CreateConsumer(creating, stream, jetstream.ConsumerConfig{
		FilterSubject: ">", DeliverPolicy: jetstream.DeliverLastPerSubjectPolicy, AckPolicy: jetstream.AckNonePolicy,
		MemoryStorage: true, Replicas: 1, InactiveThreshold: orphanAge,
	})
	if err != nil {
		return fmt.Errorf("follow %s: %w", stream, err)
	}
	entries, err := consumer.Messages()
	if err != nil {
		return fmt.Errorf("follow %s: %w", stream, err)
	}
	defer entries.Stop()

	f := &follower{waiting: waiting}
	if err := f.open(ctx, js, stream); err != nil {
		return fmt.Errorf("follow %s: %w", stream, err)
	}
	pending := consumer.CachedInfo().NumPending
	if pending == 0 && f.complete(ctx) {
		listed()
	}
	watchdog := make(chan struct{})
	go func() {
		defer close(watchdog)
		cancel(f.watch(ctx, reconnected))
	}()
	defer func() {
		cancel(nil)
		<-watchdog
	}()
	for count := uint64(1); ; count++ {
		m, err := entries.Next(jetstream.NextContext(ctx))
		if err != nil {
			if cause := context.Cause(ctx); cause != nil {
				err = cause
			}
			return fmt.Errorf("follow %s: %w", stream, err)
		}
		at, err := m.Metadata()
		if err != nil {
			return fmt.Errorf("follow %s: %w", stream, err)
		}
		if at.Sequence.Consumer != count {
			return fmt.Errorf("follow %s: %w", stream, errGap)
		}
		entry(Message{
			Subject: m.Subject(), Revision: at.Sequence.Stream, Time: at.Timestamp,
			Header: m.Headers(), Data: m.Data(), Deleted: IsDelete(m.Headers()),
		})
		listing := f.delivered(at.Sequence.Stream)
		if listing && (count >= pending || at.NumPending == 0) && f.complete(ctx) {
			listed()
		}
	}
}

// errGap means that the server sent a delivery that did not arrive.
var errGap = errors.New("a delivery is missing")

// OperationHeader is the header of the key-value protocol that marks a delete.
const OperationHeader = "KV-Operation"

// IsDelete reports whether the headers mark a deleted or expired key.
func IsDelete(h nats.Header) bool {
	return h.Get(OperationHeader) != "" || h.Get(jetstream.MarkerReasonHeader) != ""
}
