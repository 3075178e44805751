package graph

import (
	"sync"
	"time"
)

// Latencies learns how long things really take here, kind by kind, so that they
// are looked at when they are likely to be there and hardly before. It starts
// from what is usual, and the first thing of a kind is glanced at early as well:
// some clouds answer at once. It is safe for concurrent use; the zero value has
// learned nothing.
type Latencies struct {
	mu   sync.Mutex
	seen map[string]time.Duration
}

// The times of looking.
const (
	// earlyPoll is when the first thing of a kind is looked at.
	earlyPoll = 300 * time.Millisecond
	// early is the part of the expected time after which a thing is looked at: the
	// spread of AWS's times around their median is about a fifth.
	early = 0.8
	// A thing is looked at again after an eighth of its expected time, or of its age
	// if that is more, within these.
	intervalLeast, intervalMost = 500 * time.Millisecond, 3 * time.Second
	// slower is how much of what was slower than expected is believed. What was
	// faster is believed at once: a look too many costs less than one too late.
	slower = 0.1
)

// first is how long after it was asked for a thing is worth its first look.
func (l *Latencies) first(key string, usual time.Duration) time.Duration {
	expected, learned := l.expected(key, usual)
	planned := time.Duration(float64(expected) * early)
	if learned {
		return max(planned, earlyPoll)
	}
	return min(planned, earlyPoll)
}

// next is how old a thing that was looked at in vain at some age should be for the
// next look.
func (l *Latencies) next(key string, usual, age time.Duration) time.Duration {
	expected, _ := l.expected(key, usual)
	interval := min(max(max(expected, age)/8, intervalLeast), intervalMost)
	return max(time.Duration(float64(expected)*early), age+interval)
}

// learn learns how long a thing took.
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
		took = before + time.Duration(slower*float64(took-before))
	}
	l.seen[key] = took
}

// expected is what was learned, or what is usual if that is less or nothing was.
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
