package store

import (
	"context"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/skep-dev/skep/libs/platform/follow"
)

// A Message is one entry of a stream; see [follow.Message].
type Message = follow.Message

// Follow follows a stream; see [follow.Stream].
func Follow(
	ctx context.Context, js jetstream.JetStream, stream string, entry func(Message), listed func(), waiting func() bool,
) error {
	return follow.Stream(ctx, js, stream, entry, listed, waiting)
}
