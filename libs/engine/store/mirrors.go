package store

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// mirrorPrefix is the prefix of the names of the consumers that feed mirrors. The client
// library chooses the names of the consumers of followers.
const mirrorPrefix = "MIRROR_"

// mirrorsInterval is the interval between checks of the mirrors, while they may miss a
// write.
const mirrorsInterval = 10 * time.Second

// mirrors resets the mirrors of a bucket that stopped.
type mirrors struct {
	stream *kvStream
	cache  *cache
	log    *slog.Logger
	// complete is the newest revision that all mirrors have acknowledged.
	complete uint64
	// positions are those of the previous check, by the name of the consumer.
	positions map[string]position
}

// position is the last revision that a mirror was sent, and the last that it has
// acknowledged.
type position struct{ sent, acknowledged uint64 }

// watch checks the mirrors until the context ends. After a change of leaders the server
// may send a mirror entries that it has: the mirror acknowledges all of them at once,
// the server then takes the next acknowledgments for old ones, and waits forever
// (nats-server 2.15.2, consumer.go, processAckMsgLocked). The reset of a mirror that is
// disconnected has no effect and costs one request.
func (m *mirrors) watch(ctx context.Context) {
	for {
		pause(ctx, mirrorsInterval)
		if ctx.Err() != nil {
			return
		}
		if err := m.check(ctx); err != nil && ctx.Err() == nil {
			m.log.WarnContext(ctx, "check mirrors", "bucket", m.stream.bucket, "error", err)
		}
	}
}

// check resets every mirror that is behind and has made no progress since the previous
// check.
func (m *mirrors) check(ctx context.Context) error {
	revision := m.cache.newest()
	if revision == m.complete {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, mirrorsInterval)
	defer cancel()
	complete, positions := true, make(map[string]position)
	list := m.stream.stream.ListConsumers(ctx)
	for info := range list.Info() {
		if !strings.HasPrefix(info.Name, mirrorPrefix) || info.NumPending == 0 && info.NumAckPending == 0 {
			continue
		}
		now := position{sent: info.Delivered.Stream, acknowledged: info.AckFloor.Stream}
		complete, positions[info.Name] = false, now
		if before, found := m.positions[info.Name]; found && before == now {
			m.log.WarnContext(ctx, "reset a mirror that stopped",
				"bucket", m.stream.bucket, "mirror", info.Name, "revision", now.acknowledged)
			if err := m.reset(ctx, info.Name); err != nil {
				return err
			}
		}
	}
	if err := list.Err(); err != nil {
		return fmt.Errorf("list consumers: %w", err)
	}
	m.positions = positions
	if complete {
		m.complete = revision
	}
	return nil
}

// reset makes the server send a mirror again everything that it has not acknowledged.
func (m *mirrors) reset(ctx context.Context, mirror string) error {
	reply, err := m.stream.js.Conn().RequestWithContext(ctx, "$JS.API.CONSUMER.RESET."+m.stream.name()+"."+mirror, nil)
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
