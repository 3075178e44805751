package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// mirrorPrefix is how the consumers begin that a stream feeds its mirrors by. Those
// of followers are named by the client library.
const mirrorPrefix = "MIRROR_"

// mirrorsEvery is how often mirrors are looked after, while there is anything that
// they may miss.
const mirrorsEvery = 10 * time.Second

// mirrors are how far those of a bucket were when they were looked at last.
type mirrors struct {
	bucket *Bucket
	// level is the revision that all of them had reached.
	level uint64
	at    map[string]position
}

// position is the last revision that a mirror was sent, and the last that it has
// acknowledged.
type position struct{ sent, acknowledged uint64 }

// tendMirrors sends every mirror of the bucket on that has stopped, until the
// context ends. After a change of leaders a mirror may be sent again what it has: it
// acknowledges all of that at once, the server then takes its next acknowledgements
// for old ones, and waits for ever (nats-server 2.15.2, consumer.go,
// processAckMsgLocked). A mirror that is away is sent on in vain, which costs a
// request.
func (b *Bucket) tendMirrors(ctx context.Context) {
	m := mirrors{bucket: b}
	for {
		pause(ctx, mirrorsEvery)
		if ctx.Err() != nil {
			return
		}
		if err := m.poll(ctx); err != nil && ctx.Err() == nil {
			b.options.Log.WarnContext(ctx, "look after mirrors", "bucket", b.name, "error", err)
		}
	}
}

// poll compares how far the mirrors are with how far they were.
func (m *mirrors) poll(ctx context.Context) error {
	revision := m.bucket.cache.newest()
	if revision == m.level {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, mirrorsEvery)
	defer cancel()
	level, at := true, make(map[string]position)
	list := m.bucket.stream.ListConsumers(ctx)
	for info := range list.Info() {
		if !strings.HasPrefix(info.Name, mirrorPrefix) || info.NumPending == 0 && info.NumAckPending == 0 {
			continue
		}
		now := position{sent: info.Delivered.Stream, acknowledged: info.AckFloor.Stream}
		level, at[info.Name] = false, now
		if before, found := m.at[info.Name]; found && before == now {
			m.bucket.options.Log.WarnContext(ctx, "send a mirror on that has stopped", "bucket", m.bucket.name, "mirror", info.Name, "revision", now.acknowledged)
			if err := m.bucket.sendOn(ctx, info.Name); err != nil {
				return err
			}
		}
	}
	if err := list.Err(); err != nil {
		return fmt.Errorf("list consumers: %w", err)
	}
	m.at = at
	if level {
		m.level = revision
	}
	return nil
}

// sendOn has everything sent again to a mirror that it has not acknowledged.
func (b *Bucket) sendOn(ctx context.Context, mirror string) error {
	reply, err := b.js.Conn().RequestWithContext(ctx, "$JS.API.CONSUMER.RESET.KV_"+b.name+"."+mirror, nil)
	if err != nil {
		return fmt.Errorf("reset consumer %s: %w", mirror, err)
	}
	var answer struct {
		Error *jetstream.APIError `json:"error"`
	}
	if err := json.Unmarshal(reply.Data, &answer); err != nil {
		return fmt.Errorf("reset consumer %s: %w", mirror, err)
	}
	if answer.Error != nil {
		return fmt.Errorf("reset consumer %s: %w", mirror, answer.Error)
	}
	return nil
}
