package aws

import (
	"fmt"
	"slices"
	"time"
)

// Most of what happens by itself follows from the times in a row. What changes one row because another has ended is
// scheduled instead, and found again in the rows after a restart.

// by is a call that no client made. The world is locked.
func (w *World) by(principal string, s scope) *call {
	return &call{w: w, Call: Call{Account: s.Account, Region: s.Region, Principal: principal, Mutating: true, At: w.now()}}
}

// keep writes what such a call changed to the journal.
func (c *call) keep() error {
	if c.w.journal == nil {
		return nil
	}
	if err := c.w.journal.append(c.changes); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	return nil
}

// at lets AWS do something in a region when the time has come. As with a late call, nobody hears of a journal that fails;
// the next call that is answered does.
func (w *World) at(when time.Time, s scope, act func(*call)) {
	w.late = append(w.late, effect{at: when, act: func() {
		c := w.by(byAWS, s)
		act(c)
		_ = c.keep()
	}})
	slices.SortStableFunc(w.late, func(a, b effect) int { return a.at.Compare(b.at) })
}

// resume schedules again, after a restart, what the rows say is still to happen.
func (w *World) resume() {
	for at := range w.tables {
		switch at.kind {
		case instances.name:
			for _, r := range instances.in(w, at.scope).ordered {
				if r.deleting() {
					w.scheduleRelease(at.scope, r)
				}
			}
		case volumes.name:
			for _, r := range volumes.in(w, at.scope).ordered {
				if !r.Data.DetachedAt.IsZero() {
					w.scheduleDetach(at.scope, r)
				}
			}
		}
	}
}
