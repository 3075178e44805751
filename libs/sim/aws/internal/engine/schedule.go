package engine

import (
	"slices"
	"time"
)

// effect is something that happens at a later time. Most of the life cycle follows from the times in Metadata and needs
// no effect; an effect is for a change of one resource because another one has reached its end.
type effect struct {
	at  time.Time
	act func()
}

// schedule adds an effect. The engine is locked.
func (e *Engine) schedule(at time.Time, act func()) {
	e.pending = append(e.pending, effect{at, act})
	slices.SortStableFunc(e.pending, func(a, b effect) int { return a.at.Compare(b.at) })
}

// runDue runs the effects whose time has come, in the order of their times. The engine is locked.
func (e *Engine) runDue() {
	for len(e.pending) > 0 && !e.pending[0].at.After(e.now()) {
		next := e.pending[0]
		e.pending = e.pending[1:]
		next.act()
	}
}

// Schedule runs act at a later time, as a call of AWS in the same account and region. A journal error is discarded
// here, because no caller waits; the next call reports it. After a restart the effect is lost unless OnRestart
// schedules it again.
func (c *Call) Schedule(at time.Time, act func(*Call)) {
	e, scope := c.engine, Scope{c.Account, c.Region}
	e.schedule(at, func() {
		later := e.newCall(ByAWS, scope)
		act(later)
		_ = later.commit()
	})
}
