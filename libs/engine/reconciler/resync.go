package reconciler

import (
	"hash/fnv"
	"time"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
)

// resyncDue reports whether a look at everything is due: there is a new specification,
// or the last look was long ago.
func (p *reconciliation[R]) resyncDue() bool {
	return p.specChanged() || p.ResyncPeriod > 0 && !time.Now().Before(p.nextResync())
}

// specChanged reports whether no pass has been over this specification yet.
func (p *reconciliation[R]) specChanged() bool { return !object.IsObserved(p.r) }

// nextResync is when everything is looked at again.
func (p *reconciliation[R]) nextResync() time.Time {
	last := p.ledger.record.GetResyncTime()
	if last == nil {
		last = p.r.GetUpdateTime()
	}
	return last.AsTime().Add(p.ResyncPeriod + spread(p.before.Key, p.ResyncPeriod/10))
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
func (p *reconciliation[R]) requeueAfter(report graph.Report) time.Duration {
	switch {
	case !report.Settled(), report.RequeueAfter() > 0:
		return report.RequeueAfter()
	case p.ResyncPeriod > 0:
		next := p.nextResync()
		if roll := p.nextAudit(); p.InventoryAudit != nil && roll.Before(next) {
			next = roll
		}
		return max(time.Until(next), time.Second)
	}
	return 0
}
