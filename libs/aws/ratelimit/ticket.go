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
	// maxWait is the longest wait of a call with an object. If its turn is further away, the call fails with the time
	// to retry, so that it occupies no worker.
	maxWait = 2 * time.Second
	// lead is the time before its turn at which a call returns.
	lead = time.Second
	// keep is the time after that for which its place is kept.
	keep = 10 * time.Second
	// far is the wait from which on the turn cannot be predicted, because calls before it may leave the queue. The
	// call then retries after half the wait, and at the latest after longest.
	far     = time.Minute
	longest = 10 * time.Minute
	// beat is the grid of the retries of distant calls of one object, or twice or four times that: they retry
	// together, so that an object that waits for hours in ten queues is reconciled once, not ten times.
	beat = 30 * time.Second
)

// ticket is the place of one call in a queue.
type ticket struct {
	holder   holder
	priority callcontext.Priority
	rank     time.Duration
	arrival  int
	// answer receives nil when the call may be sent, or the fault. It is nil while the caller is absent.
	answer chan error
	// deadline is when a caller without an object gives up; zero means never.
	deadline time.Time
	// expires is when the place of an absent caller ends.
	expires time.Time
}

// holder identifies the call of a ticket, so that a retry finds its place. It is zero for calls without an object.
type holder struct{ object, resource, operation string }

func (t *ticket) waits() bool { return t.answer != nil }

// order compares two tickets by their turn.
func order(a, b *ticket) int {
	return cmp.Or(cmp.Compare(b.priority, a.priority), cmp.Compare(b.rank, a.rank), cmp.Compare(a.arrival, b.arrival))
}

// ticketList is a list of tickets in the order of their turns.
type ticketList []*ticket

// place returns the number of tickets before t.
func (l ticketList) place(t *ticket) int {
	at, _ := slices.BinarySearchFunc(l, t, order)
	return at
}

func (l ticketList) with(t *ticket) ticketList { return slices.Insert(l, l.place(t), t) }

func (l ticketList) without(t *ticket) ticketList {
	if at, found := slices.BinarySearchFunc(l, t, order); found {
		return slices.Delete(l, at, at+1)
	}
	return l
}

// insert adds a waiting caller to the queue.
func (q *queue) insert(t *ticket) {
	q.tickets, q.present = q.tickets.with(t), q.present.with(t)
	if t.holder != (holder{}) {
		q.known[t.holder] = t
	}
}

// remove removes a ticket from the queue.
func (q *queue) remove(t *ticket) {
	q.tickets, q.present = q.tickets.without(t), q.present.without(t)
	if q.known[t.holder] == t {
		delete(q.known, t.holder)
	}
}

// keepPlace keeps the place of a caller that leaves, until its return and keep longer.
func (q *queue) keepPlace(t *ticket, back time.Time) {
	q.present = q.present.without(t)
	t.answer, t.expires = nil, back.Add(keep)
	if q.expiry.IsZero() || t.expires.Before(q.expiry) {
		q.expiry = t.expires
	}
}

// expire removes the places of callers that did not return.
func (q *queue) expire(now time.Time) {
	if q.expiry.IsZero() || now.Before(q.expiry) {
		return
	}
	q.expiry = time.Time{}
	q.tickets = slices.DeleteFunc(q.tickets, func(t *ticket) bool {
		switch {
		case t.waits():
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

// postpone fails the calls whose turn is too far away to wait for.
func (q *queue) postpone(now time.Time) {
	for i, t := range slices.Clone(q.present) {
		if i < len(q.tokens) {
			continue // It gets one of the promised tokens.
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
		case wait > maxWait:
			retry := t.retryIn(now, wait)
			t.answer <- q.refusal(t, place, wait, retry)
			q.keepPlace(t, now.Add(retry))
		}
	}
}

// retryIn returns the delay after which a call with this wait retries.
func (t *ticket) retryIn(now time.Time, wait time.Duration) time.Duration {
	if wait <= far {
		return wait - lead
	}
	retry, grid := max(far-lead, min(wait/2, longest)), beat
	for 4*grid <= retry {
		grid *= 2
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(t.holder.object))
	shift := time.Duration(h.Sum64() % uint64(grid))
	return now.Add(retry - shift).Truncate(grid).Add(shift).Sub(now)
}

// expected returns the estimated time of the turn at a place.
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
	// The tokens are divided in proportion to the waiting calls here and elsewhere.
	share := float64(len(q.tickets)) / float64(len(q.tickets)+q.others)
	return next.Add(seconds(float64(place-len(q.tokens)) / (q.rate * share)))
}

// refusal returns the fault that says when to retry. The call was not sent.
func (q *queue) refusal(t *ticket, place int, wait, retry time.Duration) *fault.Fault {
	what := t.holder.operation
	if what == "" {
		what = q.bucket.Family
	}
	return fault.Fault{
		Kind: fault.Exhausted, Class: fault.Rate, RetryAfter: retry,
		Message: fmt.Sprintf("waits for its turn to call %s %s in the account: place %d, in about %s",
			q.bucket.Service, what, place+1, wait.Round(time.Second)),
		Remedy: "Nothing to do: the call keeps its place, and Skep retries it at its turn.",
	}.Because(&Place{queue: q, ticket: t})
}
