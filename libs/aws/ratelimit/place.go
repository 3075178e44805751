package ratelimit

import "time"

// Place is the place in a queue of a call that was put off. It is the cause of the
// fault that says so. It is safe for concurrent use.
type Place struct {
	queue  *queue
	ticket *ticket
}

// Error implements error.
func (p *Place) Error() string { return "put off" }

// Ask is for a caller who has to store something before every call: it tells
// whether the turn has come as far as is known here, without making the call or
// drawing a token. It returns nil if the call is worth making, also if the place was
// given up meanwhile; or else what Take would return, and keeps the place as long.
func (p *Place) Ask() error {
	q, t, now := p.queue, p.ticket, time.Now()
	q.mu.Lock()
	defer q.mu.Unlock()
	q.expire(now)
	if q.known[t.holder] != t || t.present() {
		return nil
	}
	// Who is first goes and draws, so that what is known here does not grow old.
	place := q.tickets.place(t)
	wait := q.expected(place, now).Sub(now)
	if place == 0 || wait <= patience {
		return nil
	}
	again := t.again(now, wait)
	q.away(t, now.Add(again))
	return q.refusal(t, place, wait, again)
}
