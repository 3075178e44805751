package ratelimit

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/skep-dev/skep/libs/platform/callcontext"
)

// queue is the calls of this replica that wait for one bucket.
type queue struct {
	bucket Bucket
	source Source

	mu       sync.Mutex
	tickets  line // Everybody who has a place.
	here     line // Those of them whose callers are waiting now.
	known    map[holder]*ticket
	expiry   time.Time // Before when no place is to be given up; zero if never.
	arrivals int
	tokens   []token // What was drawn, or promised for soon, in the order of time.
	// next is before when it is of no use to draw for calls of priority refused or
	// less, as was said before stale; rate is how many tokens a second come from then
	// on, for the calls here and for others elsewhere.
	next    time.Time
	stale   time.Time
	refused callcontext.Priority
	rate    float64
	others  int
	pumping bool
	woken   chan struct{}
}

// token is the right to make one call, from a time on and not for long.
type token struct{ from, until time.Time }

func newQueue(bucket Bucket, source Source) *queue {
	return &queue{bucket: bucket, source: source, known: make(map[holder]*ticket), woken: make(chan struct{}, 1)}
}

// take returns nil when a call may be made.
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

// enter finds the place of a call, or gives it one.
func (q *queue) enter(ctx context.Context, call Call, caller callcontext.Call) *ticket {
	h := holder{caller.Object, caller.Resource, call.Operation}
	t := q.known[h]
	if caller.Object == "" || t != nil && t.present() {
		// Nobody's, or another call of the same step that is made at the same time.
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

// leave is what a caller does who gives up. Its place is kept for a while, and a
// token that it was just given goes to another.
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
		q.away(t, time.Now())
	}
	q.wake()
}

// giveBack returns a token that was taken and not spent.
func (q *queue) giveBack() {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	q.restore(now)
	q.serve(now)
}

func (q *queue) restore(now time.Time) {
	q.tokens = slices.Insert(q.tokens, 0, token{now, now.Add(hold)})
}

// forfeit gives up what was drawn: AWS says that there is nothing.
func (q *queue) forfeit() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.tokens = nil
}

// serve gives the tokens that may be spent now to those whose turn it is.
func (q *queue) serve(now time.Time) {
	q.expire(now)
	q.tokens = slices.DeleteFunc(q.tokens, func(t token) bool { return !now.Before(t.until) })
	for len(q.tokens) > 0 && !now.Before(q.tokens[0].from) {
		if len(q.here) == 0 {
			return
		}
		first := q.here[0]
		q.tokens = q.tokens[1:]
		q.remove(first)
		first.answer <- nil
	}
}
