package ratelimit

import "time"

// Place is the place in a queue of a postponed call. It is the cause of the fault that postpones the call. It is safe
// for concurrent use.
type Place struct {
	queue  *queue
	ticket *ticket
}

// Error implements error.
func (p *Place) Error() string { return "postponed" }

// Ask serves callers that store a record before every call: it reports whether the turn of the call has come, without
// sending the call or drawing a token. It returns nil if the call is worth an attempt, also after the place expired.
// Otherwise it returns the fault that Take would return, and extends the place like Take.
func (p *Place) Ask() error {
	q, t, now := p.queue, p.ticket, time.Now()
	q.mu.Lock()
	defer q.mu.Unlock()
	q.expire(now)
	if q.known[t.holder] != t || t.waits() {
		return nil
	}
	// The first call always proceeds and draws, so that the data of the queue stay fresh.
	place := q.tickets.place(t)
	wait := q.expected(place, now).Sub(now)
	if place == 0 || wait <= maxWait {
		return nil
	}
	retry := t.retryIn(now, wait)
	q.keepPlace(t, now.Add(retry))
	return q.refusal(t, place, wait, retry)
}
