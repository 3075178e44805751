package bench_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/test/bench"
)

// TestIdle measures the cost of clusters at rest: the memory of the process that runs all of
// Skep with its NATS server, and its CPU time between two resyncs. The fleet rows show the
// calls of a resync.
func TestIdle(t *testing.T) {
	inRealTime(t)
	n, dir := size(100), t.TempDir()
	size := stock(t, filepath.Join(dir, "nats"), n)
	reader := metricReader()
	empty := emptySuite(t)
	openSuite(t, dir)
	settled(t, reader, n)

	before, began := cpuTime(t), time.Now()
	time.Sleep(watched)
	cores := (cpuTime(t) - before).Seconds() / time.Since(began).Seconds()
	note(t, bench.Figure{Name: "clusters at rest per core, between resyncs", Value: float64(n) / cores, Unit: "clusters", Target: bench.AtLeast(5000),
		Detail: fmt.Sprintf("%.2f %% of a core", 100*cores)})

	full := footprintNow(t)
	writeHeap(t)
	perThousand := 1000 / float64(n) / mega
	note(t, bench.Figure{Name: "heap in use after a collection, per 1,000 clusters", Value: (full.Heap - empty.Heap) * perThousand, Unit: "MB", Target: bench.AtMost(150),
		Detail: fmt.Sprintf("%.0f MB for %d; their records are %.0f MB", (full.Heap-empty.Heap)/mega, n, float64(size)/mega)})
	note(t, bench.Figure{Name: "resident memory, per 1,000 clusters", Value: (full.RSS) * perThousand, Unit: "MB",
		Detail: fmt.Sprintf("%.0f MB in total, %.0f MB without clusters", full.RSS/mega, empty.RSS/mega)})
	note(t, bench.Figure{Name: "heap ÷ records", Value: (full.Heap - empty.Heap) / float64(size), Limit: bench.Limit(1)})
}

// emptySuite returns the memory of the process while the suite runs without clusters.
func emptySuite(t *testing.T) footprint {
	t.Helper()
	var empty footprint
	require.True(t, t.Run("without clusters", func(t *testing.T) {
		openSuite(t, t.TempDir())
		empty = footprintNow(t)
	}))
	return empty
}

const mega = 1 << 20

// watched is the measured time at rest, many times the longest interval of leases and probes.
const watched = time.Minute
