package bench_test

import (
	"runtime"
	"runtime/debug"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/test/bench"
)

// weight is what the process holds, in bytes.
type weight struct {
	// Heap is what is reachable, RSS what the system has given.
	Heap, RSS float64
}

// weighed collects garbage and weighs the process.
func weighed(t *testing.T) weight {
	t.Helper()
	// What a finalizer or a pool lets go of is free after the second collection.
	runtime.GC()
	debug.FreeOSMemory()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	resident, err := bench.Resident()
	require.NoError(t, err)
	return weight{Heap: float64(memory.HeapAlloc), RSS: resident}
}

// worked is the processor time that this process has used.
func worked(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
