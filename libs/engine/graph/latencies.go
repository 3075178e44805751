package graph

import (
	"sync"
	"time"
)

// Latencies learns the real durations of creates and deletes for each resource type, so that polls
// happen when a change is likely to be complete and hardly before. It starts from the expected
// latencies, and polls the first resource of a type early as well, because simulated AWS may
// answer at once. It is safe for concurrent use; the zero value has learned nothing.
type Latencies struct {
	mu   sync.Mutex
	seen map[string]time.Duration
}

// The poll times.
const (
	// earlyPoll is the age at which the first resource of a type is polled.
	earlyPoll = 300 * time.Millisecond
	// earlyFraction is the fraction of the expected duration after which a resource is polled: the
	// durations of AWS spread by about a fifth around their median.
	earlyFraction = 0.8
	// A resource is polled again after an eighth of its expected duration, or of its age if that
	// is longer, within these limits.
	minInterval, maxInterval = 500 * time.Millisecond, 3 * time.Second
	// slowWeight is the weight of a duration longer than the learned one. A shorter duration is
	// adopted at once: an extra poll costs less than a late one.
	slowWeight = 0.1
)

// first returns the age at which a resource is polled first.
func (l *Latencies) first(key string, usual time.Duration) time.Duration {
	expected, learned := l.expected(key, usual)
	planned := time.Duration(float64(expected) * earlyFraction)
	if learned {
		return max(planned, earlyPoll)
	}
	return min(planned, earlyPoll)
}

// next returns the age for the next poll of a resource that is still pending at this age.
func (l *Latencies) next(key string, usual, age time.Duration) time.Duration {
	expected, _ := l.expected(key, usual)
	interval := min(max(max(expected, age)/8, minInterval), maxInterval)
	return max(time.Duration(float64(expected)*earlyFraction), age+interval)
}

// learn records the duration of a change. A nil l ignores it.
func (l *Latencies) learn(key string, took time.Duration) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen == nil {
		l.seen = make(map[string]time.Duration)
	}
	if before, ok := l.seen[key]; ok && took > before {
		took = before + time.Duration(slowWeight*float64(took-before))
	}
	l.seen[key] = took
}

// expected returns the learned duration, at most usual, or usual if none was learned.
func (l *Latencies) expected(key string, usual time.Duration) (expected time.Duration, learned bool) {
	if l == nil {
		return usual, true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	seen, ok := l.seen[key]
	if !ok {
		return usual, false
	}
	return min(seen, usual), true
}
