package queue

import (
	"context"
	"sync"
)

// shardLease is the time during which this process holds a shard.
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
	l := &shardLease{}
	l.ctx, l.cancel = context.WithCancel(ctx)
	return l
}

// enter begins a run; it returns false if the shard is leaving or lost. Each successful enter
// requires an exit.
func (l *shardLease) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.leaving || l.ctx.Err() != nil {
		return false
	}
	l.runs.Add(1)
	return true
}

func (l *shardLease) exit() { l.runs.Done() }

// leave stops new runs, and calls done after the last one has ended.
func (l *shardLease) leave(done func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.leaving {
		return
	}
	l.leaving = true
	go func() {
		l.runs.Wait()
		l.mu.Lock()
		l.drained = true
		l.mu.Unlock()
		done()
	}()
}

// left reports whether all runs have ended after leave, so that the shard may be handed over.
func (l *shardLease) left() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.drained
}

// end cancels the runs and waits for them.
func (l *shardLease) end() {
	l.mu.Lock()
	l.leaving = true
	l.mu.Unlock()
	l.cancel()
	l.runs.Wait()
}
