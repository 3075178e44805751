package faults_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/test/faults"
)

var (
	all   = flag.Bool("faults.all", os.Getenv("FAULTS") == "all", "play every run, not a sample")
	only  = flag.String("faults.only", "", "play this one run, by its name")
	match = flag.String("faults.match", "", "play every run whose name matches this regular expression")
	seed  = flag.Uint64("faults.seed", 1, "what the sample is drawn with")
	some  = flag.Int("faults.sample", 48, "how many runs the sample has")
	shard = flag.String("faults.shard", "1/1", "play the i-th of n parts of the runs")
)

// The files of the store are kept in memory if the machine can: what dies here is
// a process, and that loses no file. Worlds are many and short, so that collecting
// their garbage seldom is cheaper.
func TestMain(m *testing.M) {
	flag.Parse()
	if stat, err := os.Stat("/dev/shm"); err == nil && stat.IsDir() && os.Getenv("TMPDIR") == "" {
		_ = os.Setenv("TMPDIR", "/dev/shm")
	}
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}

func TestAFaultAtAnyEventLeavesExactlyOneOfEverything(t *testing.T) {
	t.Logf("seed %d", *seed)
	table := faults.NewTable()
	want := make(map[string]string)
	var runs []faults.Run
	for _, s := range faults.Scenarios {
		if *only != "" && !strings.HasPrefix(*only, s.Name+" ") && *only != s.Name {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			result := reference(t, s)
			want[s.Name] = result.End
			table.Saw(s, result.Trace)
			runs = append(runs, faults.Every(s, result.Trace)...)
		})
	}
	switch {
	case *only != "":
		run, err := faults.Parse(*only)
		require.NoError(t, err)
		runs = []faults.Run{run}
	case *match != "":
		runs = slices.DeleteFunc(runs, func(r faults.Run) bool { return !matches(t, r) })
	case !*all:
		runs = faults.Spread(runs, *some, *seed)
	}
	var index, count int
	_, err := fmt.Sscanf(*shard, "%d/%d", &index, &count)
	require.NoError(t, err)
	t.Logf("%d runs", len(runs))
	t.Run("faults", func(t *testing.T) {
		for i, run := range runs {
			if i%count != index-1 {
				continue
			}
			t.Run(run.String(), func(t *testing.T) {
				t.Parallel()
				var result faults.Result
				defer func() { table.Played(run, result, t.Failed()) }()
				result = run.Play(t, want[run.Scenario.Name])
				require.Empty(t, result.Violations, "play it again with -faults.only=%q", run)
			})
		}
	})
	t.Log("\n" + table.String())
}

// matches reports whether a run is among those that were asked for by their names.
func matches(t *testing.T, run faults.Run) bool {
	t.Helper()
	wanted, err := regexp.Compile(*match)
	require.NoError(t, err)
	return wanted.MatchString(run.String())
}
