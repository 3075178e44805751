package ratelimit

import (
	"context"
	"slices"
	"time"

	"github.com/skep-dev/skep/libs/platform/callcontext"
)

const (
	// drawTimeout bounds one draw.
	drawTimeout = 5 * time.Second
	// fresh is the time for which the answer of a draw is valid: later, the source may be reachable again, or other
	// replicas may have stopped waiting.
	fresh = 5 * time.Second
	// maxDraw is the largest number of tokens in one draw.
	maxDraw = 200
	// spareFrom is the refill from which on a draw requests more tokens than it needs now: the refill of reads.
	// Scarcer tokens are drawn one by one.
	spareFrom = 10.0
)

// run starts the pump, or wakes it, while callers wait. The caller holds the lock.
func (q *queue) run() {
	if len(q.present) == 0 {
		return
	}
	if !q.pumping {
		q.pumping = true
		go q.pump()
		return
	}
	q.wake()
}

// wake makes a paused pump check the queue.
func (q *queue) wake() {
	select {
	case q.wakeUp <- struct{}{}:
	default:
	}
}

// pump draws tokens and hands them out until no caller waits.
func (q *queue) pump() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		now := time.Now()
		q.serve(now)
		if len(q.present) == 0 {
			q.pumping = false
			return
		}
		first := q.present[0]
		if len(q.tokens) == 0 && (!now.Before(q.next) || !now.Before(q.stale) || first.priority > q.refused) {
			q.draw(first.priority)
			continue
		}
		q.postpone(now)
		if len(q.present) > 0 {
			q.pause(now)
		}
	}
}

// pause waits until a token is valid, until another draw is worthwhile, or until a caller arrives. It releases the
// lock meanwhile.
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
	case <-q.wakeUp:
	}
}

// draw draws tokens for the present callers of a priority. It releases the lock meanwhile.
func (q *queue) draw(priority callcontext.Priority) {
	d := Draw{Priority: priority, Waiting: len(q.tickets)}
	for _, t := range q.present {
		if t.priority == priority && d.Tokens < maxDraw {
			d.Tokens++
			d.Owners = append(d.Owners, t.holder.object)
		}
	}
	if family := FamilyOf(q.bucket.Service, q.bucket.Family); family.Refill >= spareFrom {
		d.Spare = max(0, family.block()-d.Tokens)
	}
	q.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), drawTimeout)
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
		q.tokens = append(q.tokens, token{from, from.Add(tokenLifetime)})
	}
	q.refused, q.rate, q.others, q.stale = priority, grant.Rate, grant.Others, now.Add(fresh)
	q.next = now.Add(grant.RetryAfter)
	if len(q.tokens) == 0 && grant.RetryAfter == 0 {
		q.next = now.Add(tokenLifetime)
	}
}

// fail returns err to every present caller.
func (q *queue) fail(err error) {
	for _, t := range slices.Clone(q.present) {
		q.remove(t)
		t.answer <- err
	}
}
