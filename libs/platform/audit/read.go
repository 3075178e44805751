package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// stored is a page in the stream.
type stored struct {
	Page
	sequence uint64
	data     []byte
}

// batch is the number of pages in one read.
const batch = 256

// Read calls each with every page that the stream contains at the moment of the call, oldest first. An error of each
// ends it.
func Read(ctx context.Context, js jetstream.JetStream, each func(Page) error) error {
	return read(ctx, js, func(s stored) error { return each(s.Page) })
}

func read(ctx context.Context, js jetstream.JetStream, each func(stored) error) error {
	stream, err := js.Stream(ctx, Stream)
	if err != nil {
		return fmt.Errorf("open audit stream: %w", err)
	}
	state := stream.CachedInfo().State
	if state.Msgs == 0 {
		return nil
	}
	consumer, err := js.CreateConsumer(ctx, Stream, jetstream.ConsumerConfig{
		DeliverPolicy: jetstream.DeliverAllPolicy, AckPolicy: jetstream.AckNonePolicy, MemoryStorage: true, Replicas: 1, InactiveThreshold: time.Minute,
	})
	if err != nil {
		return fmt.Errorf("read audit stream: %w", err)
	}
	for reached := uint64(0); reached < state.LastSeq; {
		pages, err := consumer.Fetch(batch, jetstream.FetchContext(ctx))
		if err != nil {
			return fmt.Errorf("read audit stream: %w", err)
		}
		for message := range pages.Messages() {
			at, err := message.Metadata()
			if err != nil {
				return fmt.Errorf("read audit page: %w", err)
			}
			reached = at.Sequence.Stream
			page, err := decode(message.Data())
			if err != nil {
				return fmt.Errorf("sequence %d: %w", reached, err)
			}
			if err := each(stored{page, reached, message.Data()}); err != nil {
				return err
			}
			if reached == state.LastSeq {
				break
			}
		}
		if err := pages.Error(); err != nil {
			return fmt.Errorf("read audit stream: %w", err)
		}
	}
	return nil
}
