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

	"github.com/skep-dev/skep/libs/platform/follow"
)

// leases is the stream behind the bucket of leases.
const leases = "KV_leases"

// retryPause is the delay after an error of NATS.
const retryPause = 100 * time.Millisecond

// holder holds shards for this process: its share of them, while its lease lasts.
type holder struct {
	group    string // The replicas that divide the shards.
	identity string // The name of this replica.
	shards   int
	ttl      time.Duration
	sticky   bool            // Gives up no shard for balance.
	gained   func(shard int) // Called after a shard was gained. It must not block.
	log      *slog.Logger
	js       jetstream.JetStream
	stream   jetstream.Stream
	kick     chan struct{} // Requests a call of balance.

	mu     sync.Mutex
	leases map[int]*shardLease
	view   *view
}

// name matches the valid names of groups and replicas.
var name = regexp.MustCompile(`^[-_a-zA-Z0-9]+(\.[-_a-zA-Z0-9]+)*$`)

// open opens the bucket of leases.
func (h *holder) open(ctx context.Context, nc *nats.Conn) error {
	for _, n := range []string{h.group, h.identity} {
		if !name.MatchString(n) {
			return fmt.Errorf("hold shards: name %q: must consist of letters, digits, - and _, with dots between them", n)
		}
	}
	if h.ttl < time.Second || h.ttl%time.Second != 0 {
		return fmt.Errorf("hold shards: lease of %v: must be whole seconds", h.ttl)
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

// run holds shards until the context ends. Then it cancels their runs, waits for them, releases
// the lease and returns nil. It returns an error only if the connection is closed for good.
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

// hold holds shards until the session ends, and returns after their runs have ended.
func (h *holder) hold(s *session) {
	h.mu.Lock()
	h.view = newView(s.name)
	h.mu.Unlock()
	var tasks sync.WaitGroup
	tasks.Go(s.renew)
	tasks.Go(func() { h.follow(s.ctx) })
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
	tasks.Wait()
	h.mu.Lock()
	ended := h.leases
	h.leases = map[int]*shardLease{}
	h.mu.Unlock()
	for _, lease := range ended {
		lease.end()
	}
}

// follow updates the view from the bucket of leases.
func (h *holder) follow(ctx context.Context) {
	for ctx.Err() == nil && !h.js.Conn().IsClosed() {
		began := time.Now()
		err := follow.Stream(ctx, h.js, leases, func(m follow.Message) {
			h.mu.Lock()
			defer h.mu.Unlock()
			changed, err := h.view.see(m, h.subject(""))
			if err != nil {
				h.log.ErrorContext(ctx, "read leases", "group", h.group, "error", err)
			}
			if changed && h.view.listed {
				h.requestBalance()
			}
		}, func() {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.view.complete(began)
			h.requestBalance()
		}, nil)
		if ctx.Err() == nil {
			h.log.WarnContext(ctx, "list leases again", "group", h.group, "reason", err)
			pause(ctx, retryPause)
		}
	}
}

// requestBalance requests one call of balance.
func (h *holder) requestBalance() {
	select {
	case h.kick <- struct{}{}:
	default:
	}
}

// enter begins a run of a shard. It returns nil if this process does not hold the shard.
func (h *holder) enter(shard int) *shardLease {
	h.mu.Lock()
	lease := h.leases[shard]
	h.mu.Unlock()
	if lease == nil || !lease.enter() {
		return nil
	}
	return lease
}

// holds reports whether this process holds the shard.
func (h *holder) holds(shard int) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.leases[shard] != nil
}

// alive reads the lease of a session from the leader of the stream. Without an answer the session
// counts as alive.
func (h *holder) alive(ctx context.Context, session string) bool {
	ctx, cancel := context.WithTimeout(ctx, h.ttl/4)
	defer cancel()
	m, err := h.stream.GetLastMsgForSubject(ctx, h.subject("member."+session))
	if err != nil {
		return !errors.Is(err, jetstream.ErrMsgNotFound)
	}
	return !marker(m.Header)
}

// pause waits for d, or until the context ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
