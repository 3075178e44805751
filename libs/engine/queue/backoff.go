package queue

import (
	"math/rand/v2"
	"time"

	"k8s.io/client-go/util/workqueue"
)

// The back-off of a failing key.
const (
	firstBackoff = 50 * time.Millisecond
	lastBackoff  = time.Minute
)

// backoff doubles the delay with each failure, and randomizes it: two replicas that both believe
// they hold a key would otherwise conflict at every step forever.
type backoff struct {
	workqueue.TypedRateLimiter[string]
}

func newBackoff() backoff {
	return backoff{workqueue.NewTypedItemExponentialFailureRateLimiter[string](firstBackoff, lastBackoff)}
}

// When returns the delay: between half and all of the exponential back-off.
func (b backoff) When(key string) time.Duration {
	due := b.TypedRateLimiter.When(key)
	return due/2 + rand.N(due/2)
}
