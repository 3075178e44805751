package ratelimit

import (
	"context"
	"slices"
	"time"

	"github.com/skep-dev/skep/libs/platform/callcontext"
)

const (
	// drawPatience bounds one draw.
	drawPatience = 5 * time.Second
	// fresh is how long it is believed when the next token comes: the source may
	// have been cut off, or somebody else may have gone.
	fresh = 5 * time.Second
	// most is how many tokens one draw asks for.
	most = 200
	// spareFrom is the refill from which on more is drawn than is wanted now: that
	// of reads. What is rarer is drawn one by one.
	spareFrom = 10.0
)

// run lets the pump work while anybody is waiting. The lock is held.
func (q *queue) run() {
	if len(q.here) == 0 {
		return
	}
	if !q.pumping {
		q.pumping = true
		go q.pump()
		return
	}
	q.wake()
}

// wake lets a pump that pauses look who is there.
func (q *queue) wake() {
	select {
	case q.woken <- struct{}{}:
	default:
	}
}

// pump draws tokens and gives them out until nobody is waiting any more.
func (q *queue) pump() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		now := time.Now()
		q.serve(now)
		if len(q.here) == 0 {
			q.pumping = false
			return
		}
		first := q.here[0]
		if len(q.tokens) == 0 && (!now.Before(q.next) || !now.Before(q.stale) || first.priority > q.refused) {
			q.draw(first.priority)
			continue
		}
		q.putOff(now)
		if len(q.here) > 0 {
			q.pause(now)
		}
	}
}

// pause waits until there is a token, until it is worth drawing, or until
// somebody comes. The lock is given up meanwhile.
func (q *queue) pause(now time.Time) {
	until := q.next
	if q.stale.Before(until) {
		until = q.stale
	}
	if len(q.tokens) > 0 {
		until = q.tokens[0].from
	}
	timer := time.NewTimer(until.Sub(now))
	defer timer.Stop()
	q.mu.Unlock()
	defer q.mu.Lock()
	select {
	case <-timer.C:
	case <-q.woken:
	}
}

// draw draws for those of a priority who are here. The lock is given up meanwhile.
func (q *queue) draw(priority callcontext.Priority) {
	d := Draw{Priority: priority, Waiting: len(q.tickets)}
	for _, t := range q.here {
		if t.priority == priority && d.Tokens < most {
			d.Tokens++
			d.Owners = append(d.Owners, t.holder.object)
		}
	}
	if family := FamilyOf(q.bucket.Service, q.bucket.Family); family.Refill >= spareFrom {
		d.Spare = max(0, family.block()-d.Tokens)
	}
	q.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), drawPatience)
	grant, err := q.source.Draw(ctx, q.bucket, d)
	cancel()
	q.mu.Lock()
	if err != nil {
		q.fail(err)
		return
	}
	now := time.Now()
	for i := range grant.Now + grant.Later {
		from := now
		if i >= grant.Now {
			from = now.Add(grant.Delay + time.Duration(i-grant.Now)*grant.Interval)
		}
		q.tokens = append(q.tokens, token{from, from.Add(hold)})
	}
	q.refused, q.rate, q.others, q.stale = priority, grant.Rate, grant.Others, now.Add(fresh)
	q.next = now.Add(grant.RetryAfter)
	if len(q.tokens) == 0 && grant.RetryAfter == 0 {
		q.next = now.Add(hold)
	}
}

// fail tells everybody who waits that no tokens can be had.
func (q *queue) fail(err error) {
	for _, t := range slices.Clone(q.here) {
		q.remove(t)
		t.answer <- err
	}
}
