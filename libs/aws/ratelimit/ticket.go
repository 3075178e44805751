package ratelimit

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"github.com/skep-dev/skep/libs/platform/callcontext"
	"github.com/skep-dev/skep/libs/platform/fault"
)

const (
	// patience is how long a call may be kept waiting. Whose turn is further away
	// is told when to come back, so that it keeps no worker from other work.
	patience = 2 * time.Second
	// lead is how long before its turn a call comes back.
	lead = time.Second
	// keep is how long after that its place is kept.
	keep = 10 * time.Second
	// far is when a turn is too far away to be foretold: those before may go away.
	// Then the call asks again at half the time, and at the latest after longest.
	far     = time.Minute
	longest = 10 * time.Minute
	// beat is on which those of one owner who are far away ask again, or twice or four
	// times that: together, so that what waits for hours in ten queues for one cluster
	// costs one look, not ten.
	beat = 30 * time.Second
)

// ticket is the place of one call in a queue.
type ticket struct {
	holder   holder
	priority callcontext.Priority
	rank     time.Duration
	arrival  int
	// answer is told nil when the call may be made, or why not. It is nil while the
	// caller is away.
	answer chan error
	// deadline is when a caller without an owner gives up; zero if never.
	deadline time.Time
	// expires is when the place of a caller who is away is given up.
	expires time.Time
}

// holder says whose a ticket is, so that it is found again. The zero value is
// nobody's.
type holder struct{ object, resource, operation string }

func (t *ticket) present() bool { return t.answer != nil }

// order is who goes first.
func order(a, b *ticket) int {
	return cmp.Or(cmp.Compare(b.priority, a.priority), cmp.Compare(b.rank, a.rank), cmp.Compare(a.arrival, b.arrival))
}

// line is tickets in the order of their turns.
type line []*ticket

// place is how many are before a ticket.
func (l line) place(t *ticket) int {
	at, _ := slices.BinarySearchFunc(l, t, order)
	return at
}

func (l line) with(t *ticket) line { return slices.Insert(l, l.place(t), t) }

func (l line) without(t *ticket) line {
	if at, found := slices.BinarySearchFunc(l, t, order); found {
		return slices.Delete(l, at, at+1)
	}
	return l
}

// insert gives a caller who is here its place.
func (q *queue) insert(t *ticket) {
	q.tickets, q.here = q.tickets.with(t), q.here.with(t)
	if t.holder != (holder{}) {
		q.known[t.holder] = t
	}
}

// remove gives up the place of a ticket.
func (q *queue) remove(t *ticket) {
	q.tickets, q.here = q.tickets.without(t), q.here.without(t)
	if q.known[t.holder] == t {
		delete(q.known, t.holder)
	}
}

// away keeps the place of a caller who goes, until it is to be back and a while longer.
func (q *queue) away(t *ticket, back time.Time) {
	q.here = q.here.without(t)
	t.answer, t.expires = nil, back.Add(keep)
	if q.expiry.IsZero() || t.expires.Before(q.expiry) {
		q.expiry = t.expires
	}
}

// expire gives up the places of those who did not come back.
func (q *queue) expire(now time.Time) {
	if q.expiry.IsZero() || now.Before(q.expiry) {
		return
	}
	q.expiry = time.Time{}
	q.tickets = slices.DeleteFunc(q.tickets, func(t *ticket) bool {
		switch {
		case t.present():
			return false
		case !now.Before(t.expires):
			delete(q.known, t.holder)
			return true
		case q.expiry.IsZero() || t.expires.Before(q.expiry):
			q.expiry = t.expires
		}
		return false
	})
}

// putOff sends away whose turn is too far away to wait for.
func (q *queue) putOff(now time.Time) {
	for i, t := range slices.Clone(q.here) {
		if i < len(q.tokens) {
			continue // It gets one of those that are promised.
		}
		place := q.tickets.place(t)
		expected := q.expected(place, now)
		wait := expected.Sub(now)
		switch {
		case t.holder == (holder{}):
			if !t.deadline.IsZero() && expected.After(t.deadline) {
				q.remove(t)
				t.answer <- q.refusal(t, place, wait, wait)
			}
		case wait > patience:
			again := t.again(now, wait)
			t.answer <- q.refusal(t, place, wait, again)
			q.away(t, now.Add(again))
		}
	}
}

// again is in how long a call comes back whose turn is so far away.
func (t *ticket) again(now time.Time, wait time.Duration) time.Duration {
	if wait <= far {
		return wait - lead
	}
	again, grid := max(far-lead, min(wait/2, longest)), beat
	for 4*grid <= again {
		grid *= 2
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(t.holder.object))
	shift := time.Duration(h.Sum64() % uint64(grid))
	return now.Add(again - shift).Truncate(grid).Add(shift).Sub(now)
}

// expected is when the turn of the ticket at a place will come, as far as can be told.
func (q *queue) expected(place int, now time.Time) time.Time {
	if place < len(q.tokens) {
		return q.tokens[place].from
	}
	if q.rate <= 0 {
		return now
	}
	next := q.next
	if next.Before(now) {
		next = now
	}
	// As many of the tokens come here as calls wait here, of all that wait.
	here := float64(len(q.tickets)) / float64(len(q.tickets)+q.others)
	return next.Add(seconds(float64(place-len(q.tokens)) / (q.rate * here)))
}

// refusal tells when to ask again. The call was never sent.
func (q *queue) refusal(t *ticket, place int, wait, again time.Duration) *fault.Fault {
	what := t.holder.operation
	if what == "" {
		what = q.bucket.Family
	}
	return fault.Fault{
		Kind: fault.Exhausted, Class: fault.Rate, RetryAfter: again,
		Message: fmt.Sprintf("waits for its turn at %s %s of the account: place %d, in about %s",
			q.bucket.Service, what, place+1, wait.Round(time.Second)),
		Remedy: "Nothing to do: the call keeps its place and is made when its turn comes.",
	}.Because(&Place{queue: q, ticket: t})
}
