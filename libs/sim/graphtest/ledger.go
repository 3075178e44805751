package graphtest

import (
	"context"
	"sync"

	"github.com/skep-dev/skep/libs/engine/graph"
)

// ledger stores entries durably at each intent and at the end of each reconciliation.
// When the process dies, it loses the changes since the last intent.
type ledger struct {
	*graph.Memory
	mu      sync.Mutex
	durable []graph.Entry
}

func newLedger() *ledger { return &ledger{Memory: graph.NewMemory("test")} }

// Intend stores e and makes all entries durable.
func (l *ledger) Intend(ctx context.Context, e graph.Entry) error {
	if err := l.Memory.Intend(ctx, e); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.durable = l.Entries()
	return nil
}

// end ends a reconciliation: its last changes become durable, or are lost if the process died.
func (l *ledger) end(died bool) {
	if died {
		l.Memory = graph.NewMemory("test", l.durable...)
		return
	}
	l.durable = l.Entries()
}
