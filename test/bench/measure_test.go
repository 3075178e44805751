package bench_test

import (
	"cmp"
	"flag"
	"os"
	"runtime"
	"runtime/pprof"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/test/bench"
)

// The flags that command bench passes to a row.
var (
	measured = flag.String("measure", "", "the measured row; empty skips the rows in real time")
	sheet    = flag.String("sheet", "", "the file to append figures to")
	clusters = flag.Int("clusters", 0, "the number of clusters; zero uses the default of the test")
	heap     = flag.String("heap", "", "the file to write a heap profile to at the end of the measurement")
)

// size returns the number of clusters of the row, or the given one in a plain test.
func size(inTest int) int { return cmp.Or(*clusters, inTest) }

// inRealTime skips the row unless it is measured: its figures need a machine without other
// load.
func inRealTime(t *testing.T) {
	t.Helper()
	if *measured == "" {
		t.Skip("measured in real time: make bench")
	}
}

// note logs a figure and appends it to the sheet.
func note(t *testing.T, f bench.Figure) {
	t.Helper()
	f.Row = cmp.Or(*measured, t.Name())
	t.Logf("%s: %.3f %s (%s) %s", f.Name, f.Value, f.Unit, f.Target, f.Detail)
	if *sheet != "" {
		require.NoError(t, bench.Append(*sheet, f))
	}
}

// writeHeap writes a heap profile if -heap is set. The row calls it when its data is in memory.
func writeHeap(t *testing.T) {
	t.Helper()
	if *heap == "" {
		return
	}
	runtime.GC()
	out, err := os.Create(*heap)
	require.NoError(t, err)
	require.NoError(t, pprof.Lookup("heap").WriteTo(out, 0))
	require.NoError(t, out.Close())
}
