package queue

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
)

// An Election selects one replica at a time for one task.
type Election struct {
	// Conn connects to the NATS account of the service, which holds its leases.
	Conn *nats.Conn
	// Service is the service whose replicas take part.
	Service string
	// Name identifies the task among the elections of the service.
	Name string
	// Identity names this replica. It is unique among the replicas.
	Identity string
	// LeaseTTL is the time after its death during which a leader counts as alive, in whole
	// seconds. Zero means 10 s.
	LeaseTTL time.Duration
	// Log gets the lost leases. Nil means the default logger.
	Log *slog.Logger
}

// Elect calls run whenever this replica is the leader. The context of run ends with the lease;
// then run must return, and the replica takes part in the election again. Elect returns nil when
// its context ends, and the error of run when run returns before its context ends. A leader stays
// leader until it ends or dies.
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
		lease := h.enter(shard)
		if lease == nil {
			return
		}
		go func() {
			defer lease.exit()
			if err := run(lease.ctx); lease.ctx.Err() == nil {
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
