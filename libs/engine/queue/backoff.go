package queue

import (
	"math/rand/v2"
	"time"

	"k8s.io/client-go/util/workqueue"
)

// Back-off of a key that fails.
const (
	firstBackoff = 50 * time.Millisecond
	lastBackoff  = time.Minute
)

// backoff waits longer the more often a key failed, and never quite as long as
// another replica: two that both believe they hold a key would otherwise stand in
// each other's way at every step, for ever.
type backoff struct {
	workqueue.TypedRateLimiter[string]
}

func newBackoff() backoff {
	return backoff{workqueue.NewTypedItemExponentialFailureRateLimiter[string](firstBackoff, lastBackoff)}
}

// When is how long the key waits: between half and all of what is due.
func (b backoff) When(key string) time.Duration {
	due := b.TypedRateLimiter.When(key)
	return due/2 + rand.N(due/2)
}
