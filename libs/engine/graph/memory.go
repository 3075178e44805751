package graph

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Memory is a ledger that lives in memory: for tests, and for plans, which
// change nothing.
type Memory struct {
	mu      sync.Mutex
	entries []Entry
	prefix  string
}

// NewMemory returns a ledger that remembers entries already. Tokens begin with prefix.
func NewMemory(prefix string, entries ...Entry) *Memory {
	return &Memory{prefix: prefix, entries: entries}
}

// Entries returns everything that is remembered, in the order it was intended.
func (m *Memory) Entries() []Entry {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.entries)
}

// Intend remembers e at once.
func (m *Memory) Intend(_ context.Context, e Entry) error {
	m.Note(e)
	return nil
}

// Note remembers what became of e.
func (m *Memory) Note(e Entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := m.index(e.Name); i >= 0 {
		m.entries[i] = e
		return
	}
	m.entries = append(m.entries, e)
}

// Forget removes what is gone.
func (m *Memory) Forget(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := m.index(name); i >= 0 {
		m.entries = slices.Delete(m.entries, i, i+1)
	}
}

// NextPoll returns when a thing is worth the next look: at once.
func (m *Memory) NextPoll(string) time.Time { return time.Time{} }

// SetNextPoll remembers nothing.
func (m *Memory) SetNextPoll(string, time.Time) {}

// Turn returns no place.
func (m *Memory) Turn(string) Turn { return nil }

// SetTurn remembers nothing.
func (m *Memory) SetTurn(string, Turn) {}

// Token makes the token of an attempt.
func (m *Memory) Token(name string, attempt int) string {
	return fmt.Sprintf("%s-%s-%d", m.prefix, name, attempt)
}

func (m *Memory) index(name string) int {
	return slices.IndexFunc(m.entries, func(e Entry) bool { return e.Name == name })
}
