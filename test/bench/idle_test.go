package bench_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/test/bench"
)

// TestIdle measures what clusters cost that nothing happens to: the memory of the
// process that runs all of Skep, its NATS server included, and its processor time
// between two surveys. What surveys cost, the fleet rows tell.
func TestIdle(t *testing.T) {
	inRealTime(t)
	n, dir := size(100), t.TempDir()
	size := stock(t, filepath.Join(dir, "nats"), n)
	reader := gauge()
	empty := emptySuite(t)
	openSuite(t, dir)
	settled(t, reader, n)

	before, began := worked(t), time.Now()
	time.Sleep(watched)
	cores := (worked(t) - before).Seconds() / time.Since(began).Seconds()
	note(t, bench.Figure{What: "clusters at rest a core, between surveys", Value: float64(n) / cores, Unit: "clusters", Reach: bench.AtLeast(5000),
		Detail: fmt.Sprintf("%.2f %% of a core", 100*cores)})

	full := weighed(t)
	weigh(t)
	perThousand := 1000 / float64(n) / mega
	note(t, bench.Figure{What: "heap in use after a collection, a 1,000 clusters", Value: (full.Heap - empty.Heap) * perThousand, Unit: "MB", Reach: bench.AtMost(150),
		Detail: fmt.Sprintf("%.0f MB for %d; their records are %.0f MB", (full.Heap-empty.Heap)/mega, n, float64(size)/mega)})
	note(t, bench.Figure{What: "resident memory, a 1,000 clusters", Value: (full.RSS) * perThousand, Unit: "MB",
		Detail: fmt.Sprintf("%.0f MB in all, %.0f MB of it without any cluster", full.RSS/mega, empty.RSS/mega)})
	note(t, bench.Figure{What: "heap ÷ records", Value: (full.Heap - empty.Heap) / float64(size), Limit: bench.Limit(1)})
}

// emptySuite weighs the process while the suite runs without clusters.
func emptySuite(t *testing.T) weight {
	t.Helper()
	var empty weight
	require.True(t, t.Run("without clusters", func(t *testing.T) {
		openSuite(t, t.TempDir())
		empty = weighed(t)
	}))
	return empty
}

const mega = 1 << 20

// watched is how long the process is watched at rest: many times as long as the
// longest beat of its leases and probes.
const watched = time.Minute
