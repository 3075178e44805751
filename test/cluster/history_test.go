package cluster_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"
)

// history is what all replicas asked and were told, with the times of one clock.
type history struct {
	began time.Time

	mu         sync.Mutex
	operations []porcupine.Operation
	acked      map[int]int   // How many writes each replica was told are done.
	moved      chan struct{} // Closed and renewed when acked grows.
}

func newHistory() *history {
	return &history{began: time.Now(), acked: make(map[int]int), moved: make(chan struct{})}
}

// call asks, and notes what was answered and when.
func (h *history) call(replica, client int, r request, ask func() answer) answer {
	called := time.Since(h.began)
	a := ask()
	returned := time.Since(h.began)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.operations = append(h.operations, porcupine.Operation{ClientId: client, Input: r, Output: a, Call: int64(called), Return: int64(returned)})
	if a.outcome == done && r.verb != read {
		h.acked[replica]++
		close(h.moved)
		h.moved = make(chan struct{})
	}
	return a
}

// all is everything noted until now.
func (h *history) all() []porcupine.Operation {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.operations)
}

// mark is how many writes each replica has been told are done, until now.
func (h *history) mark() map[int]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.since(nil)
}

// since is how many they are since a mark. The lock is held.
func (h *history) since(mark map[int]int) map[int]int {
	since := make(map[int]int)
	for replica, n := range h.acked {
		since[replica] = n - mark[replica]
	}
	return since
}

// until returns when the writes done since the mark are enough.
func (h *history) until(ctx context.Context, mark map[int]int, enough func(since map[int]int) bool) error {
	for {
		h.mu.Lock()
		since, moved := h.since(mark), h.moved
		h.mu.Unlock()
		if enough(since) {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("writes done since, by replica: %v: %w", since, ctx.Err())
		}
	}
}

// judgement bounds the search for a linearization.
const judgement = time.Minute

// linearizable fails the test, and draws the history, if it is not.
func linearizable(t *testing.T, operations []porcupine.Operation) {
	t.Helper()
	result, information := porcupine.CheckOperationsVerbose(register, settled(operations), judgement)
	if result == porcupine.Ok {
		return
	}
	require.NoError(t, os.MkdirAll(*figures, 0o755))
	picture, err := os.CreateTemp(*figures, "history-*.html")
	require.NoError(t, err)
	require.NoError(t, picture.Close())
	require.NoError(t, porcupine.VisualizePath(register, information, picture.Name()))
	path, err := filepath.Abs(picture.Name())
	require.NoError(t, err)
	require.Fail(t, "the history is not linearizable", "%s: %s\nsee %s", result, summary(operations), path)
}
