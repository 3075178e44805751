package queue

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
)

// An Election is one task that one replica at a time is to do.
type Election struct {
	// Conn connects to the account of the service, where its leases are.
	Conn *nats.Conn
	// Service is whose replicas run for it.
	Service string
	// Name is the task, among the elections of the service.
	Name string
	// Identity is this replica. It is unique among the replicas.
	Identity string
	// LeaseTTL is how long after its death a leader is taken for alive, in whole
	// seconds. Without it, 10 s.
	LeaseTTL time.Duration
	// Log is where a lost lease is told. Without it, the default logger.
	Log *slog.Logger
}

// Elect calls run whenever this replica is the leader. The context of run ends
// with the lease; then run must return, and the replica stands for election
// again. Elect returns when the context ends, with nil, or when run returns by
// itself, with its error. A leader stays so until it ends or dies.
func Elect(ctx context.Context, e Election, run func(ctx context.Context) error) error {
	if e.LeaseTTL == 0 {
		e.LeaseTTL = 10 * time.Second
	}
	if e.Log == nil {
		e.Log = slog.Default()
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var result error
	h := &holder{group: e.Service + ".election." + e.Name, identity: e.Identity, shards: 1, ttl: e.LeaseTTL, sticky: true, log: e.Log}
	h.gained = func(shard int) {
		t := h.enter(shard)
		if t == nil {
			return
		}
		go func() {
			defer t.exit()
			if err := run(t.ctx); t.ctx.Err() == nil {
				result = err
				stop()
			}
		}()
	}
	if err := h.open(ctx, e.Conn); err != nil {
		return fmt.Errorf("elect for %s: %w", e.Name, err)
	}
	if err := h.run(ctx); err != nil {
		return err
	}
	return result
}
