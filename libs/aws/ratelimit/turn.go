package ratelimit

import (
	"context"
	"sync"
)

// turns serializes calls that AWS accepts only one at a time.
type turns struct {
	mu    sync.Mutex
	taken map[string]chan struct{}
}

// Turn waits until no other call of the key is in progress, or until ctx ends. Route 53 refuses a change of a hosted
// zone while another one is in progress (PriorRequestNotComplete). The caller ends its turn with release.
func (l *Limiter) Turn(ctx context.Context, key string) (release func(), err error) {
	l.turns.mu.Lock()
	if l.turns.taken == nil {
		l.turns.taken = make(map[string]chan struct{})
	}
	if l.turns.taken[key] == nil {
		l.turns.taken[key] = make(chan struct{}, 1)
	}
	turn := l.turns.taken[key]
	l.turns.mu.Unlock()
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
