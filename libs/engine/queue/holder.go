package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/skep-dev/skep/libs/engine/store"
)

// leases is the stream behind the bucket of leases.
const leases = "KV_leases"

// retryPause is how long a holder waits after NATS refused or was away.
const retryPause = 100 * time.Millisecond

// holder holds shards for this process: as many as are its share, as long as its
// lease lasts.
type holder struct {
	group    string // Those who divide the shards.
	identity string // This replica among them.
	shards   int
	ttl      time.Duration
	sticky   bool            // Never gives up a shard for balance.
	gained   func(shard int) // Called when a shard is held from now on. It must not block.
	log      *slog.Logger
	js       jetstream.JetStream
	stream   jetstream.Stream
	kick     chan struct{} // Asks for another look at who holds what.

	mu     sync.Mutex
	leases map[int]*shardLease
	view   *view
}

// name is what a group, an identity or a service may be called.
var name = regexp.MustCompile(`^[-_a-zA-Z0-9]+(\.[-_a-zA-Z0-9]+)*$`)

// open finds the bucket of leases.
func (h *holder) open(ctx context.Context, nc *nats.Conn) error {
	for _, n := range []string{h.group, h.identity} {
		if !name.MatchString(n) {
			return fmt.Errorf("hold shards: name %q: it may hold letters, digits, - and _, and dots between them", n)
		}
	}
	if h.ttl < time.Second || h.ttl%time.Second != 0 {
		return fmt.Errorf("hold shards: lease of %v: NATS counts it in whole seconds", h.ttl)
	}
	var err error
	if h.js, err = jetstream.New(nc, jetstream.WithDefaultTimeout(h.ttl/4)); err != nil {
		return fmt.Errorf("hold shards: %w", err)
	}
	if h.stream, err = h.js.Stream(ctx, leases); err != nil {
		return fmt.Errorf("hold shards: %w", err)
	}
	h.kick = make(chan struct{}, 1)
	h.leases = map[int]*shardLease{}
	return nil
}

func (h *holder) subject(key string) string { return "$KV.leases." + h.group + "." + key }

// run holds shards until the context ends. Then it cancels their runs, waits for
// them, gives the lease back and returns nil. It returns an error only if the
// connection was closed for good.
func (h *holder) run(ctx context.Context) error {
	for ctx.Err() == nil {
		if h.js.Conn().IsClosed() {
			return fmt.Errorf("hold shards of %s: %w", h.group, nats.ErrConnectionClosed)
		}
		s, err := begin(ctx, h.js, h.stream, h.subject("member."), h.identity, h.ttl)
		if err != nil {
			if ctx.Err() == nil {
				h.log.WarnContext(ctx, "take lease", "group", h.group, "error", err)
				pause(ctx, retryPause)
			}
			continue
		}
		h.hold(s)
		if ctx.Err() == nil {
			h.log.WarnContext(ctx, "lease lost", "group", h.group, "session", s.name)
			continue
		}
		if err := s.release(context.WithoutCancel(ctx)); err != nil {
			h.log.WarnContext(ctx, "release lease", "group", h.group, "error", err)
		}
	}
	return nil
}

// hold holds shards until the session ends, and returns when their runs have.
func (h *holder) hold(s *session) {
	h.mu.Lock()
	h.view = newView(s.name)
	h.mu.Unlock()
	var parts sync.WaitGroup
	parts.Go(s.renew)
	parts.Go(func() { h.follow(s.ctx) })
	tick := time.NewTicker(h.ttl / 4)
	defer tick.Stop()
	for s.ctx.Err() == nil {
		select {
		case <-s.ctx.Done():
		case <-h.kick:
			h.balance(s)
		case <-tick.C:
			h.balance(s)
		}
	}
	s.end()
	parts.Wait()
	h.mu.Lock()
	ended := h.leases
	h.leases = map[int]*shardLease{}
	h.mu.Unlock()
	for _, t := range ended {
		t.end()
	}
}

// follow keeps the view of who is there and who holds what.
func (h *holder) follow(ctx context.Context) {
	for ctx.Err() == nil && !h.js.Conn().IsClosed() {
		began := time.Now()
		err := store.Follow(ctx, h.js, leases, func(m store.Message) {
			h.mu.Lock()
			defer h.mu.Unlock()
			news, err := h.view.see(m, h.subject(""))
			if err != nil {
				h.log.ErrorContext(ctx, "read leases", "group", h.group, "error", err)
			}
			if news && h.view.listed {
				h.again()
			}
		}, func() {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.view.complete(began)
			h.again()
		}, nil)
		if ctx.Err() == nil {
			h.log.WarnContext(ctx, "list leases anew", "group", h.group, "reason", err)
			pause(ctx, retryPause)
		}
	}
}

// again asks for another look, once.
func (h *holder) again() {
	select {
	case h.kick <- struct{}{}:
	default:
	}
}

// enter begins a run of a shard, if this process holds it.
func (h *holder) enter(shard int) *shardLease {
	h.mu.Lock()
	t := h.leases[shard]
	h.mu.Unlock()
	if t == nil || !t.enter() {
		return nil
	}
	return t
}

// holds tells whether this process holds the shard.
func (h *holder) holds(shard int) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.leases[shard] != nil
}

// alive asks the leader of the stream for the lease of a session. An answer that
// does not come counts as alive.
func (h *holder) alive(ctx context.Context, session string) bool {
	ctx, cancel := context.WithTimeout(ctx, h.ttl/4)
	defer cancel()
	m, err := h.stream.GetLastMsgForSubject(ctx, h.subject("member."+session))
	if err != nil {
		return !errors.Is(err, jetstream.ErrMsgNotFound)
	}
	return !marker(m.Header)
}

// pause waits, or returns when the context ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
