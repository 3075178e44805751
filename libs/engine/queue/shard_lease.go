package queue

import (
	"context"
	"sync"
)

// shardLease is the time in which this process holds a shard.
type shardLease struct {
	// ctx ends with the lease.
	ctx    context.Context
	cancel context.CancelFunc

	mu      sync.Mutex
	leaving bool
	drained bool
	runs    sync.WaitGroup
}

func newShardLease(ctx context.Context) *shardLease {
	t := &shardLease{}
	t.ctx, t.cancel = context.WithCancel(ctx)
	return t
}

// enter begins a run, unless the shard is on its way out. Every enter that was
// granted needs an exit.
func (t *shardLease) enter() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.leaving || t.ctx.Err() != nil {
		return false
	}
	t.runs.Add(1)
	return true
}

func (t *shardLease) exit() { t.runs.Done() }

// leave lets no run begin any more, and calls done when the last has ended.
func (t *shardLease) leave(done func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.leaving {
		return
	}
	t.leaving = true
	go func() {
		t.runs.Wait()
		t.mu.Lock()
		t.drained = true
		t.mu.Unlock()
		done()
	}()
}

// left tells whether the shard may be handed over.
func (t *shardLease) left() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.drained
}

// end cancels the runs and waits for them.
func (t *shardLease) end() {
	t.mu.Lock()
	t.leaving = true
	t.mu.Unlock()
	t.cancel()
	t.runs.Wait()
}
