package queue

import (
	"context"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// balance compares who holds the shards with who ought to, and does what is this
// process's part: leave what is another's, hand over what was left, take what
// nobody holds. What changes hands at one moment is one write.
func (h *holder) balance(s *session) {
	h.mu.Lock()
	if !h.view.listed || s.ctx.Err() != nil {
		h.mu.Unlock()
		return
	}
	live, holders, revision := h.view.live(h.ttl*3/2), slices.Clone(h.view.table.Holders), h.view.revision
	h.mu.Unlock()
	everybody := replicas(live)

	if len(holders) != h.shards {
		if slices.ContainsFunc(holders, func(holder string) bool { return !h.free(s, holder) }) {
			return // A replica with another number of shards is at work.
		}
		holders = make([]string, h.shards)
	}
	wanted, changed := slices.Clone(holders), false
	for shard, holder := range holders {
		ought := chosen(everybody, shard)
		mine := ought == h.identity
		switch t := h.lease(shard); {
		case holder != s.name && t != nil:
			h.drop(shard) // Taken from us: our lease was found to have ended.
		case holder == s.name && t == nil:
			h.gain(s, shard) // Ours by a write whose answer was lost, or handed over.
		case holder == s.name && t.left() && mine:
			h.drop(shard)
			h.gain(s, shard)
		case holder == s.name && t.left():
			h.drop(shard)
			wanted[shard], changed = live[ought], true
		case holder == s.name && !mine && !h.sticky:
			t.leave(h.again)
		case holder != s.name && mine && h.free(s, holder):
			wanted[shard], changed = s.name, true
		}
	}
	if changed {
		h.swap(s, holders, wanted, revision)
	}
}

// swap writes the table. When another was quicker, its table is on the way, and
// another look follows.
func (h *holder) swap(s *session, before, wanted []string, revision uint64) {
	data, err := table{Holders: wanted}.encode()
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
		h.view.table, h.view.revision = table{Holders: wanted}, ack.Sequence
	}
	h.mu.Unlock()
	for shard := range wanted {
		if wanted[shard] == s.name && before[shard] != s.name {
			h.gain(s, shard)
		}
	}
}

// free tells whether a shard may be taken from its holder: there is none, or its
// lease has ended.
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

// gain holds a shard from now on.
func (h *holder) gain(s *session, shard int) {
	h.mu.Lock()
	h.leases[shard] = newShardLease(s.ctx)
	h.mu.Unlock()
	h.gained(shard)
}

// drop holds a shard no more. Runs that are still under way are cancelled.
func (h *holder) drop(shard int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.leases[shard].cancel()
	delete(h.leases, shard)
}
