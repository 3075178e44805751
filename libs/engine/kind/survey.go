package kind

import (
	"hash/fnv"
	"time"

	"github.com/skep-dev/skep/libs/engine/graph"
)

// due reports whether a look at everything is due: there is a new specification,
// or the last look was long ago.
func (p *pass[R]) due() bool {
	return p.changed() || p.Survey > 0 && !time.Now().Before(p.nextSurvey())
}

// changed reports whether no pass has been over this specification yet.
func (p *pass[R]) changed() bool { return !Observed(p.r) }

// nextSurvey is when everything is looked at again.
func (p *pass[R]) nextSurvey() time.Time {
	last := p.ledger.record.GetSurveyTime()
	if last == nil {
		last = p.r.GetUpdateTime()
	}
	return last.AsTime().Add(p.Survey + spread(p.before.Key, p.Survey/10))
}

// spread is a part of a time, by key, so that not all keys come at once.
func spread(key string, over time.Duration) time.Duration {
	h := fnv.New32a()
	_, _ = h.Write([]byte(key))
	return over / spreads * time.Duration(h.Sum32()%spreads)
}

// spreads is into how many parts a spread is cut.
const spreads = 120

// again is how long after a walk that reported this another pass is due; zero if
// only a change makes one necessary.
func (p *pass[R]) again(report graph.Report) time.Duration {
	switch {
	case !report.Settled(), report.Again() > 0:
		return report.Again()
	case p.Survey > 0:
		next := p.nextSurvey()
		if roll := p.nextRoll(); p.Missing != nil && roll.Before(next) {
			next = roll
		}
		return max(time.Until(next), time.Second)
	}
	return 0
}
