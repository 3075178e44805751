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

// auditsPerResync is the number of inventory audits in one resync period. An audit is one list of
// all resource ids in an account and region, which serves many clusters: it finds missing
// resources and no other drift.
const auditsPerResync = 4

// auditTimes keeps in memory the time of the last audit of each record. After a restart each
// record counts as just audited, so that not all records are audited at once.
type auditTimes struct {
	mu    sync.Mutex
	times map[string]time.Time
}

// last returns the time of the last audit of key.
func (a *auditTimes) last(key string) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.times == nil {
		a.times = make(map[string]time.Time)
	}
	if a.times[key].IsZero() {
		a.times[key] = time.Now()
	}
	return a.times[key]
}

func (a *auditTimes) audited(key string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.times[key] = time.Now()
}

func (a *auditTimes) forget(key string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.times, key)
}

// nextAudit returns the time of the next audit. All records of an account and region are audited
// at the same time, so that one list serves them all; the accounts are spread over the interval.
func (r *reconciliation[R]) nextAudit() time.Time {
	interval, last := r.ResyncPeriod/auditsPerResync, r.audits.last(r.before.Key)
	var shift time.Duration
	if at, ok := r.location(); ok {
		shift = spread(at.GetAccount()+" "+at.GetRegion(), interval)
	}
	next := last.Add(-shift).Truncate(interval).Add(interval + shift)
	if next.Sub(last) < interval/2 {
		// AWS lists new resources late.
		next = next.Add(interval)
	}
	return next
}

// located is a spec that names the account and the region of its resources.
type located interface {
	GetAccount() string
	GetRegion() string
}

func (r *reconciliation[R]) location() (located, bool) {
	at, ok := object.Field(r.obj, "spec").(located)
	return at, ok
}

// missing runs the inventory audit if it is due, and returns the names of the ready resources that
// AWS does not list. The list is no proof of absence: the walk observes them.
func (r *reconciliation[R]) missing(ctx context.Context) map[string]bool {
	at, ok := r.location()
	if r.InventoryAudit == nil || r.ResyncPeriod <= 0 || !ok || time.Now().Before(r.nextAudit()) {
		return nil
	}
	r.audits.audited(r.before.Key)
	// Resources without an id of their own, such as a route, have the id of their container.
	names := make(map[string][]string)
	for _, e := range r.ledger.Entries() {
		if e.State == graph.Ready && e.ID != "" {
			names[e.ID] = append(names[e.ID], e.Name)
		}
	}
	absent, err := r.InventoryAudit(ctx, at.GetAccount(), at.GetRegion(), slices.Sorted(maps.Keys(names)))
	if err != nil {
		slog.Warn("inventory audit failed", "object", r.obj.GetName(), "error", err)
		return nil
	}
	missing := make(map[string]bool, len(absent))
	for _, id := range absent {
		slog.Warn("AWS does not list a resource", "object", r.obj.GetName(), "resources", names[id], "id", id)
		for _, name := range names[id] {
			missing[name] = true
		}
	}
	return missing
}
