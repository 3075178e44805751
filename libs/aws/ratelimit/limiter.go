// Package ratelimit keeps the calls to AWS below the rates that AWS publishes, so
// that nobody is ever throttled: one token bucket per account, region and API
// action or family, shared by every cluster, service and replica.
//
// A Budget stands in one replica of one service. Its calls queue for each bucket
// in order of priority, then of what has the longest way still to go, then of
// arrival; the tokens come from a Source, which all replicas share. A call whose
// turn is further away than a moment is not kept waiting: it is refused with a
// fault that says when to ask again, and keeps its place.
//
// A token is drawn when the call that spends it is about to be sent, so that
// none goes stale: what is drawn and not spent within half a second is lost.
//
// The package knows neither the AWS SDK nor the contracts of any service.
// Services reach it through libs/aws/session; identity serves a Source of it.
package ratelimit

import (
	"context"
	"fmt"
	"sync"

	"github.com/skep-dev/skep/libs/platform/callcontext"
)

// Call is one call to AWS, before it is made.
type Call struct {
	// Account is the account by its name in Skep, Region the AWS region.
	Account, Region string
	// Service is the AWS service by the name that the SDK gives it, such as `EC2`,
	// Operation the API action.
	Service, Operation string
}

// Limiter hands out the right to make calls. It is safe for concurrent use.
type Limiter struct {
	source Source
	turns  turns

	mu        sync.Mutex
	queues    map[Bucket]*queue
	throttles int
}

// New returns a budget whose tokens come from source.
func New(source Source) *Limiter {
	return &Limiter{source: source, queues: make(map[Bucket]*queue)}
}

// Take returns when the call may be made. If its turn is further away than a
// moment (2 s) and its caller is named, it returns at once: the fault is of class
// rate, says when to ask again, and the call keeps its place until 10 s after
// that. A caller without an owner waits until ctx ends.
func (b *Limiter) Take(ctx context.Context, call Call, caller callcontext.Call) error {
	var taken []*queue
	for _, bucket := range bucketsOf(call) {
		q := b.queue(bucket)
		if err := q.take(ctx, call, caller); err != nil {
			for _, q := range taken {
				q.giveBack()
			}
			return err
		}
		taken = append(taken, q)
	}
	return nil
}

// Throttled tells that AWS throttled a call all the same: somebody else uses the
// account too. Its buckets are taken for empty and are refilled at half the rate,
// which recovers over minutes.
func (b *Limiter) Throttled(ctx context.Context, call Call) error {
	b.mu.Lock()
	b.throttles++
	b.mu.Unlock()
	for _, bucket := range bucketsOf(call) {
		b.queue(bucket).forfeit()
		if _, err := b.source.Draw(ctx, bucket, Draw{Throttles: 1}); err != nil {
			return fmt.Errorf("report throttle: %w", err)
		}
	}
	return nil
}

// Throttles is how many calls AWS throttled.
func (b *Limiter) Throttles() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.throttles
}

func (b *Limiter) queue(bucket Bucket) *queue {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.queues[bucket] == nil {
		b.queues[bucket] = newQueue(bucket, b.source)
	}
	return b.queues[bucket]
}
