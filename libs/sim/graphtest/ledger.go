package graphtest

import (
	"context"
	"sync"

	"github.com/skep-dev/skep/libs/engine/graph"
)

// ledger is a ledger that can lose its memory: what was noted since the last
// intent is gone when the process dies.
type ledger struct {
	*graph.Memory
	mu      sync.Mutex
	durable []graph.Entry
}

func newLedger() *ledger { return &ledger{Memory: graph.NewMemory("test")} }

// Intend remembers e and makes everything noted so far durable.
func (l *ledger) Intend(ctx context.Context, e graph.Entry) error {
	if err := l.Memory.Intend(ctx, e); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.durable = l.Entries()
	return nil
}

// end ends a pass: what was noted becomes durable, or is lost.
func (l *ledger) end(died bool) {
	if died {
		l.Memory = graph.NewMemory("test", l.durable...)
		return
	}
	l.durable = l.Entries()
}
