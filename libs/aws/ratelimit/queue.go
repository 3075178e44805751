package ratelimit

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/skep-dev/skep/libs/platform/callcontext"
)

// queue holds the calls of this replica that wait for one bucket.
type queue struct {
	bucket Bucket
	source Source

	mu       sync.Mutex
	tickets  ticketList // all places, in order
	present  ticketList // the places whose callers wait now
	known    map[holder]*ticket
	expiry   time.Time // the first expiry of a place; zero if none expires
	arrivals int
	tokens   []token // drawn tokens, and promised ones, in order of time
	// Until next, a draw for calls of priority refused or lower is useless; this information is valid until stale.
	// From next on, rate tokens per second come for the calls here and for the calls of other replicas, others.
	next    time.Time
	stale   time.Time
	refused callcontext.Priority
	rate    float64
	others  int
	pumping bool
	wakeUp  chan struct{}
}

// token is the right to send one call between two times.
type token struct{ from, until time.Time }

func newQueue(bucket Bucket, source Source) *queue {
	return &queue{bucket: bucket, source: source, known: make(map[holder]*ticket), wakeUp: make(chan struct{}, 1)}
}

// take returns nil when a call may be sent.
func (q *queue) take(ctx context.Context, call Call, caller callcontext.Call) error {
	q.mu.Lock()
	t := q.enter(ctx, call, caller)
	answer := t.answer
	q.serve(time.Now())
	q.run()
	q.mu.Unlock()
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		q.leave(t, answer)
		return context.Cause(ctx)
	}
}

// enter returns the place of a call, or adds one.
func (q *queue) enter(ctx context.Context, call Call, caller callcontext.Call) *ticket {
	h := holder{caller.Object, caller.Resource, call.Operation}
	t := q.known[h]
	if caller.Object == "" || t != nil && t.waits() {
		// A call without an object, or a concurrent call for the same resource.
		h, t = holder{}, nil
	}
	if t == nil {
		q.arrivals++
		t = &ticket{holder: h, arrival: q.arrivals}
	} else {
		q.remove(t)
	}
	t.priority, t.rank = max(t.priority, caller.Priority), max(t.rank, caller.Rank)
	t.deadline, _ = ctx.Deadline()
	t.answer = make(chan error, 1)
	q.insert(t)
	return t
}

// leave ends the wait of a caller whose context ended. It keeps the place for a while, and passes a token that the
// caller just received on to the next one.
func (q *queue) leave(t *ticket, answer chan error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	select {
	case err := <-answer:
		if err == nil {
			q.restore(time.Now())
		}
		return
	default:
	}
	if t.holder == (holder{}) {
		q.remove(t)
	} else {
		q.keepPlace(t, time.Now())
	}
	q.wake()
}

// putBack returns a token that was taken and not spent.
func (q *queue) putBack() {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	q.restore(now)
	q.serve(now)
}

func (q *queue) restore(now time.Time) {
	q.tokens = slices.Insert(q.tokens, 0, token{now, now.Add(tokenLifetime)})
}

// discard drops the drawn tokens: AWS reports that the bucket is empty.
func (q *queue) discard() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.tokens = nil
}

// serve gives the valid tokens to the first callers.
func (q *queue) serve(now time.Time) {
	q.expire(now)
	q.tokens = slices.DeleteFunc(q.tokens, func(t token) bool { return !now.Before(t.until) })
	for len(q.tokens) > 0 && !now.Before(q.tokens[0].from) {
		if len(q.present) == 0 {
			return
		}
		first := q.present[0]
		q.tokens = q.tokens[1:]
		q.remove(first)
		first.answer <- nil
	}
}
