package ratelimit

import (
	"context"
	"sync"
)

// turns lets calls that AWS takes one at a time wait for one another.
type turns struct {
	mu    sync.Mutex
	taken map[string]chan struct{}
}

// Turn waits for the turn of a key, or until ctx ends: Route 53 refuses a change
// to a hosted zone while another is under way (PriorRequestNotComplete). The turn
// is given back by calling what is returned.
func (b *Limiter) Turn(ctx context.Context, key string) (release func(), err error) {
	b.turns.mu.Lock()
	if b.turns.taken == nil {
		b.turns.taken = make(map[string]chan struct{})
	}
	if b.turns.taken[key] == nil {
		b.turns.taken[key] = make(chan struct{}, 1)
	}
	turn := b.turns.taken[key]
	b.turns.mu.Unlock()
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
