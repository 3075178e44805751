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

// What command bench asks of a row.
var (
	measured = flag.String("measure", "", "the row that is measured; without it, rows in real time are left out")
	sheet    = flag.String("sheet", "", "the file that figures are added to")
	clusters = flag.Int("clusters", 0, "how many clusters, if the row asks")
	heap     = flag.String("heap", "", "the file that the heap is written to when the row has measured")
)

// size is how many clusters a row is measured with: few in a test.
func size(few int) int { return cmp.Or(*clusters, few) }

// inRealTime leaves a row out of the tests: its figures need a machine that does
// nothing else, and no test is to depend on that.
func inRealTime(t *testing.T) {
	t.Helper()
	if *measured == "" {
		t.Skip("measured in real time: make bench")
	}
}

// note tells a figure.
func note(t *testing.T, f bench.Figure) {
	t.Helper()
	f.Row = cmp.Or(*measured, t.Name())
	t.Logf("%s: %.3f %s (%s) %s", f.What, f.Value, f.Unit, f.Reach, f.Detail)
	if *sheet != "" {
		require.NoError(t, bench.Append(*sheet, f))
	}
}

// weigh writes what is on the heap, if that is asked, at the moment that matters
// to the row.
func weigh(t *testing.T) {
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
