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

// history is the requests and answers of all replicas, with the times of one clock.
type history struct {
	began time.Time

	mu         sync.Mutex
	operations []porcupine.Operation
	acked      map[int]int   // The number of acknowledged writes by replica.
	moved      chan struct{} // Closed and replaced when acked grows.
}

func newHistory() *history {
	return &history{began: time.Now(), acked: make(map[int]int), moved: make(chan struct{})}
}

// call sends a request and records it with its answer and times.
func (h *history) call(replica, client int, r request, send func() answer) answer {
	called := time.Since(h.began)
	a := send()
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

// all returns the operations so far.
func (h *history) all() []porcupine.Operation {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.operations)
}

// mark returns the number of acknowledged writes so far by replica.
func (h *history) mark() map[int]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.since(nil)
}

// since returns the number of acknowledged writes since a mark by replica. The caller holds the
// lock.
func (h *history) since(mark map[int]int) map[int]int {
	since := make(map[int]int)
	for replica, n := range h.acked {
		since[replica] = n - mark[replica]
	}
	return since
}

// until returns when enough returns true for the acknowledged writes since the mark.
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
			return fmt.Errorf("acknowledged writes by replica: %v: %w", since, ctx.Err())
		}
	}
}

// checkTimeout limits the search for a linearization.
const checkTimeout = time.Minute

// linearizable requires that the operations are linearizable. If they are not, it writes a
// drawing of the history and fails the test.
func linearizable(t *testing.T, operations []porcupine.Operation) {
	t.Helper()
	result, information := porcupine.CheckOperationsVerbose(register, forChecker(operations), checkTimeout)
	if result == porcupine.Ok {
		return
	}
	require.NoError(t, os.MkdirAll(*figures, 0o755))
	drawing, err := os.CreateTemp(*figures, "history-*.html")
	require.NoError(t, err)
	require.NoError(t, drawing.Close())
	require.NoError(t, porcupine.VisualizePath(register, information, drawing.Name()))
	path, err := filepath.Abs(drawing.Name())
	require.NoError(t, err)
	require.Fail(t, "the history is not linearizable", "%s: %s\nsee %s", result, summary(operations), path)
}
