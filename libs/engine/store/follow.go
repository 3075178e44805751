package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A Message is one entry of a bucket as it lies in the stream.
type Message struct {
	// Subject is the key behind "$KV.<bucket>.".
	Subject string
	// Revision is its sequence in the stream.
	Revision uint64
	// Time is when the stream stored it.
	Time time.Time
	// Header is what the writer sent with it.
	Header nats.Header
	// Data is its value.
	Data []byte
	// Gone says that the entry marks a deleted or expired key.
	Gone bool
}

// Times of a follower. While there is anything to miss, its probe is a request a
// second for each bucket and process, and otherwise a fifteenth of that.
const (
	probeEvery   = time.Second
	probeIdle    = 15 * time.Second
	probeTimeout = time.Second
	// listTimeout is how long a server may take to begin a list.
	listTimeout = 3 * time.Second
	// deafProbes is how many probes in a row may get no answer.
	deafProbes = 3
	// stallProbes is how many probes a list may make no progress.
	stallProbes = 5
	// orphanAge is how long the server keeps a consumer that nobody asks.
	orphanAge = time.Minute
)

// Follow lists the newest entry of every subject of a stream, calls listed, and
// goes on with every entry after that. It always returns an error: when the
// context ends, or as soon as an entry might have been missed. Then follow
// anew, and take the difference. Awaited says whether somebody waits for an entry
// that was not delivered yet; it may be nil.
//
// The client library heals a broken subscription by itself, but was seen silent
// for 20 s after a restart of the server. Therefore four things end a Follow: a
// reconnect, a gap in the numbers of the deliveries, two probes in a row that find
// an entry behind the last one delivered, with no delivery between them, and probes
// that get no answer.
//
// The list comes from any of the servers that keep the stream, and one that was
// away may not know of entries that were told long ago. So it is listed only when
// it has come as far as the leader of the stream was when it began.
func Follow(ctx context.Context, js jetstream.JetStream, stream string, entry func(Message), listed func(), awaited func() bool) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	reconnected := js.Conn().StatusChanged(nats.CONNECTED)
	defer js.Conn().RemoveStatusListener(reconnected)

	// A cluster that elects its leader does not answer; asked again it may.
	asking, asked := context.WithTimeout(ctx, listTimeout)
	defer asked()
	consumer, err := js.CreateConsumer(asking, stream, jetstream.ConsumerConfig{
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

	f := &follower{awaited: awaited}
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
		entry(Message{Subject: m.Subject(), Revision: at.Sequence.Stream, Time: at.Timestamp, Header: m.Headers(), Data: m.Data(), Gone: gone(m.Headers())})
		listing := f.saw(at.Sequence.Stream)
		if listing && (count >= pending || at.NumPending == 0) && f.complete(ctx) {
			listed()
		}
	}
}

// Reasons to follow anew.
var (
	errGap       = errors.New("a delivery is missing")
	errReconnect = errors.New("the connection was lost")
	errStalled   = errors.New("the stream is ahead of its deliveries")
	errDeaf      = errors.New("the stream does not answer")
)

// gone tells whether headers mark a deleted or expired key.
func gone(h nats.Header) bool {
	return h.Get(operationHeader) != "" || h.Get(jetstream.MarkerReasonHeader) != ""
}
