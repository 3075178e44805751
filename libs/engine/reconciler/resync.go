package reconciler

import (
	"hash/fnv"
	"time"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
)

// resyncDue reports whether a look at everything is due: there is a new specification,
// or the last look was long ago.
func (r *reconciliation[R]) resyncDue() bool {
	return r.specChanged() || r.ResyncPeriod > 0 && !time.Now().Before(r.nextResync())
}

// specChanged reports whether no pass has been over this specification yet.
func (r *reconciliation[R]) specChanged() bool { return !object.IsObserved(r.obj) }

// nextResync is when everything is looked at again.
func (r *reconciliation[R]) nextResync() time.Time {
	last := r.ledger.record.GetResyncTime()
	if last == nil {
		last = r.obj.GetUpdateTime()
	}
	return last.AsTime().Add(r.ResyncPeriod + spread(r.before.Key, r.ResyncPeriod/10))
}

// spread is a part of a time, by key, so that not all keys come at once.
func spread(key string, over time.Duration) time.Duration {
	h := fnv.New32a()
	_, _ = h.Write([]byte(key))
	return over / spreads * time.Duration(h.Sum32()%spreads)
}

// spreads is into how many parts a spread is cut.
const spreads = 120

// requeueAfter is how long after a walk that reported this another pass is due; zero if
// only a change makes one necessary.
func (r *reconciliation[R]) requeueAfter(report graph.Report) time.Duration {
	switch {
	case !report.Settled(), report.RequeueAfter() > 0:
		return report.RequeueAfter()
	case r.ResyncPeriod > 0:
		next := r.nextResync()
		if roll := r.nextAudit(); r.InventoryAudit != nil && roll.Before(next) {
			next = roll
		}
		return max(time.Until(next), time.Second)
	}
	return 0
}
