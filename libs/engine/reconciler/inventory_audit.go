package reconciler

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
)

// auditsPerResync is how many times the roll is called for every look at everything. A roll
// is one list of all ids that AWS knows of, which serves many clusters: it finds
// what vanished, and nothing of what merely changed.
const auditsPerResync = 4

// auditTimes remembers, in memory, when the roll of each record was called last. A
// restart counts as a call, so that not all records ask at once after it.
type auditTimes struct {
	mu    sync.Mutex
	times map[string]time.Time
}

// last is when the roll of key was called last.
func (c *auditTimes) last(key string) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.times == nil {
		c.times = make(map[string]time.Time)
	}
	if c.times[key].IsZero() {
		c.times[key] = time.Now()
	}
	return c.times[key]
}

func (c *auditTimes) audited(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.times[key] = time.Now()
}

func (c *auditTimes) forget(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.times, key)
}

// nextAudit is when the roll is called again. All records of an account and region
// share a beat, so that one list serves them all; accounts are spread over it.
func (r *reconciliation[R]) nextAudit() time.Time {
	beat, last := r.ResyncPeriod/auditsPerResync, r.audits.last(r.before.Key)
	var shift time.Duration
	if at, ok := r.location(); ok {
		shift = spread(at.GetAccount()+" "+at.GetRegion(), beat)
	}
	next := last.Add(-shift).Truncate(beat).Add(beat + shift)
	if next.Sub(last) < beat/2 {
		// What is new AWS lists late.
		next = next.Add(beat)
	}
	return next
}

// located is a specification that says where its things are.
type located interface {
	GetAccount() string
	GetRegion() string
}

func (r *reconciliation[R]) location() (located, bool) {
	at, ok := object.Field(r.obj, "spec").(located)
	return at, ok
}

// missing calls the roll if that is due, and returns what should be there and is
// not listed. That is no proof of anything: it is looked at.
func (r *reconciliation[R]) missing(ctx context.Context) map[string]bool {
	at, placed := r.location()
	if r.InventoryAudit == nil || r.ResyncPeriod <= 0 || !placed || time.Now().Before(r.nextAudit()) {
		return nil
	}
	r.audits.audited(r.before.Key)
	// What has no id of its own, such as a route, goes by that of its owner.
	names := make(map[string][]string)
	for _, e := range r.ledger.Entries() {
		if e.State == graph.Ready && e.ID != "" {
			names[e.ID] = append(names[e.ID], e.Name)
		}
	}
	missing, err := r.InventoryAudit(ctx, at.GetAccount(), at.GetRegion(), slices.Sorted(maps.Keys(names)))
	if err != nil {
		slog.Warn("cannot call the roll", "resource", r.obj.GetName(), "error", err)
		return nil
	}
	suspects := make(map[string]bool, len(missing))
	for _, id := range missing {
		slog.Warn("is not listed by AWS", "resource", r.obj.GetName(), "things", names[id], "id", id)
		for _, name := range names[id] {
			suspects[name] = true
		}
	}
	return suspects
}
