// Package ratelimit keeps the calls to AWS below the rates that AWS publishes, so that AWS never throttles a call:
// one token bucket per account, region and API action or family, shared by every cluster, service and replica.
//
// Each replica of a service has one Limiter. Calls queue for each bucket in order of priority, then of the longest
// remaining time of their object, then of arrival. The tokens come from a Source that all replicas share. A call
// whose turn is more than 2 s away does not wait: it fails with a fault that says when to retry, and keeps its place
// in the queue.
//
// A token is drawn right before the call that spends it, so that none expires: a drawn token that is not spent within
// half a second is lost.
//
// The package knows neither the AWS SDK nor the API of any service. Services reach it through libs/aws/session; the
// identity service serves a Source.
package ratelimit

import (
	"context"
	"fmt"
	"sync"

	"github.com/skep-dev/skep/libs/platform/callcontext"
)

// Call is one call to AWS before it is sent.
type Call struct {
	// Account is the name of the account in Skep; Region is the AWS region.
	Account, Region string
	// Service is the name of the AWS service in the SDK, such as `EC2`; Operation is the API action.
	Service, Operation string
}

// Limiter limits the rate of calls. It is safe for concurrent use.
type Limiter struct {
	source Source
	turns  turns

	mu        sync.Mutex
	queues    map[Bucket]*queue
	throttles int
}

// New returns a Limiter that draws its tokens from source.
func New(source Source) *Limiter {
	return &Limiter{source: source, queues: make(map[Bucket]*queue)}
}

// Take returns nil when the call may be sent. If its turn is more than 2 s away and the caller has an object, Take
// returns a fault of class rate at once: the fault says when to retry, and the call keeps its place until 10 s after
// that time. A caller without an object waits until ctx ends.
func (l *Limiter) Take(ctx context.Context, call Call, caller callcontext.Call) error {
	var passed []*queue
	for _, bucket := range bucketsOf(call) {
		q := l.queue(bucket)
		if err := q.take(ctx, call, caller); err != nil {
			for _, q := range passed {
				q.putBack()
			}
			return err
		}
		passed = append(passed, q)
	}
	return nil
}

// Throttled reports that AWS throttled a call nevertheless, because another client uses the account too. The buckets
// of the call are empty from now on, and their refill is halved; it recovers by a tenth each minute.
func (l *Limiter) Throttled(ctx context.Context, call Call) error {
	l.mu.Lock()
	l.throttles++
	l.mu.Unlock()
	for _, bucket := range bucketsOf(call) {
		l.queue(bucket).discard()
		if _, err := l.source.Draw(ctx, bucket, Draw{Throttles: 1}); err != nil {
			return fmt.Errorf("report throttle: %w", err)
		}
	}
	return nil
}

// Throttles returns the number of calls that AWS throttled.
func (l *Limiter) Throttles() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.throttles
}

func (l *Limiter) queue(bucket Bucket) *queue {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.queues[bucket] == nil {
		l.queues[bucket] = newQueue(bucket, l.source)
	}
	return l.queues[bucket]
}
