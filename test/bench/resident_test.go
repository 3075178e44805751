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

// footprint is the memory of the process in bytes.
type footprint struct {
	// Heap is the allocated heap after a collection; RSS is the resident memory.
	Heap, RSS float64
}

// footprintNow collects garbage and returns the memory of the process.
func footprintNow(t *testing.T) footprint {
	t.Helper()
	// Two collections are needed to free the content of pools; FreeOSMemory makes the second.
	runtime.GC()
	debug.FreeOSMemory()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	resident, err := bench.Resident()
	require.NoError(t, err)
	return footprint{Heap: float64(memory.HeapAlloc), RSS: resident}
}

// cpuTime returns the CPU time that this process has used.
func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
