package queue

import (
	"context"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// balance compares the holders of the shards with the chosen ones, and does the part of this
// process: it stops runs of shards that others should hold, hands over drained shards, and takes
// free shards. All changes of one call are one write.
func (h *holder) balance(s *session) {
	h.mu.Lock()
	if !h.view.listed || s.ctx.Err() != nil {
		h.mu.Unlock()
		return
	}
	live, holders, revision := h.view.live(h.ttl*3/2), slices.Clone(h.view.table.Holders), h.view.revision
	h.mu.Unlock()
	names := replicas(live)

	if len(holders) != h.shards {
		if slices.ContainsFunc(holders, func(holder string) bool { return !h.free(s, holder) }) {
			return // A live replica uses another number of shards.
		}
		holders = make([]string, h.shards)
	}
	desired, changed := slices.Clone(holders), false
	for shard, holder := range holders {
		choice := chosen(names, shard)
		mine := choice == h.identity
		switch lease := h.lease(shard); {
		case holder != s.name && lease != nil:
			h.drop(shard) // Taken by another session, which found our lease expired.
		case holder == s.name && lease == nil:
			h.gain(s, shard) // Handed over, or taken by our own write whose answer was lost.
		case holder == s.name && lease.left() && mine:
			h.drop(shard)
			h.gain(s, shard)
		case holder == s.name && lease.left():
			h.drop(shard)
			desired[shard], changed = live[choice], true
		case holder == s.name && !mine && !h.sticky:
			lease.leave(h.requestBalance)
		case holder != s.name && mine && h.free(s, holder):
			desired[shard], changed = s.name, true
		}
	}
	if changed {
		h.swap(s, holders, desired, revision)
	}
}

// swap writes the table. After a conflict the newer table arrives through follow, and balance runs
// again.
func (h *holder) swap(s *session, before, desired []string, revision uint64) {
	data, err := table{Holders: desired}.encode()
	if err != nil {
		h.log.Error("encode table of shards", "group", h.group, "error", err)
		return
	}
	ctx, cancel := context.WithTimeout(s.ctx, h.ttl/4)
	defer cancel()
	m := nats.NewMsg(h.subject(tableKey))
	m.Data = data
	ack, err := h.js.PublishMsg(ctx, m, jetstream.WithExpectLastSequencePerSubject(revision))
	if err != nil {
		if !conflict(err) && s.ctx.Err() == nil {
			h.log.Warn("write table of shards", "group", h.group, "error", err)
		}
		return
	}
	h.mu.Lock()
	if ack.Sequence > h.view.revision {
		h.view.table, h.view.revision = table{Holders: desired}, ack.Sequence
	}
	h.mu.Unlock()
	for shard := range desired {
		if desired[shard] == s.name && before[shard] != s.name {
			h.gain(s, shard)
		}
	}
}

// free reports whether a shard may be taken from its holder: it has none, or the lease of the
// holder has ended.
func (h *holder) free(s *session, holder string) bool {
	if holder == "" {
		return true
	}
	if holder == s.name {
		return false
	}
	h.mu.Lock()
	gone := h.view.gone[holder]
	m, seen := h.view.members[holder]
	h.mu.Unlock()
	switch {
	case gone:
		return true
	case seen && time.Since(m.seen) <= h.ttl*3/2:
		return false
	}
	alive := h.alive(s.ctx, holder)
	h.mu.Lock()
	defer h.mu.Unlock()
	if alive {
		h.view.members[holder] = member{time.Now(), m.revision}
	} else {
		h.view.gone[holder] = true
	}
	return !alive
}

func (h *holder) lease(shard int) *shardLease {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.leases[shard]
}

// gain begins to hold a shard.
func (h *holder) gain(s *session, shard int) {
	h.mu.Lock()
	h.leases[shard] = newShardLease(s.ctx)
	h.mu.Unlock()
	h.gained(shard)
}

// drop ends the hold of a shard and cancels its runs.
func (h *holder) drop(shard int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.leases[shard].cancel()
	delete(h.leases, shard)
}
