package reconciler

import (
	"hash/fnv"
	"time"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
)

// resyncDue reports whether a resync is due: the spec is new, or the resync period has passed.
func (r *reconciliation[R]) resyncDue() bool {
	return r.specChanged() || r.ResyncPeriod > 0 && !time.Now().Before(r.nextResync())
}

// specChanged reports whether no reconciliation has processed the current spec yet.
func (r *reconciliation[R]) specChanged() bool { return !object.IsObserved(r.obj) }

// nextResync returns the time of the next resync.
func (r *reconciliation[R]) nextResync() time.Time {
	last := r.ledger.record.GetResyncTime()
	if last == nil {
		last = r.obj.GetUpdateTime()
	}
	return last.AsTime().Add(r.ResyncPeriod + spread(r.before.Key, r.ResyncPeriod/10))
}

// spread returns a fixed fraction of a duration for each key, so that not all keys are due at
// once.
func spread(key string, over time.Duration) time.Duration {
	h := fnv.New32a()
	_, _ = h.Write([]byte(key))
	return over / spreads * time.Duration(h.Sum32()%spreads)
}

// spreads is the number of different fractions.
const spreads = 120

// requeueAfter returns the delay until the next reconciliation after this report; zero if only a
// change makes one necessary.
func (r *reconciliation[R]) requeueAfter(report graph.Report) time.Duration {
	switch {
	case !report.Settled(), report.RequeueAfter() > 0:
		return report.RequeueAfter()
	case r.ResyncPeriod > 0:
		next := r.nextResync()
		if audit := r.nextAudit(); r.InventoryAudit != nil && audit.Before(next) {
			next = audit
		}
		return max(time.Until(next), time.Second)
	}
	return 0
}
