package graph

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Memory is a Ledger in memory: for tests, and for plans, which change nothing.
type Memory struct {
	mu      sync.Mutex
	entries []Entry
	prefix  string
}

// NewMemory returns a ledger that holds entries. Tokens begin with prefix.
func NewMemory(prefix string, entries ...Entry) *Memory {
	return &Memory{prefix: prefix, entries: entries}
}

// Entries implements Ledger.
func (m *Memory) Entries() []Entry {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.entries)
}

// Intend implements Ledger.
func (m *Memory) Intend(_ context.Context, e Entry) error {
	m.Note(e)
	return nil
}

// Note implements Ledger.
func (m *Memory) Note(e Entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := m.index(e.Name); i >= 0 {
		m.entries[i] = e
		return
	}
	m.entries = append(m.entries, e)
}

// Forget implements Ledger.
func (m *Memory) Forget(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := m.index(name); i >= 0 {
		m.entries = slices.Delete(m.entries, i, i+1)
	}
}

// NextPoll implements Ledger. Every poll is due at once.
func (m *Memory) NextPoll(string) time.Time { return time.Time{} }

// SetNextPoll implements Ledger. It records nothing.
func (m *Memory) SetNextPoll(string, time.Time) {}

// Turn implements Ledger. It always returns nil.
func (m *Memory) Turn(string) Turn { return nil }

// SetTurn implements Ledger. It records nothing.
func (m *Memory) SetTurn(string, Turn) {}

// Token implements Ledger.
func (m *Memory) Token(name string, attempt int) string {
	return fmt.Sprintf("%s-%s-%d", m.prefix, name, attempt)
}

func (m *Memory) index(name string) int {
	return slices.IndexFunc(m.entries, func(e Entry) bool { return e.Name == name })
}
