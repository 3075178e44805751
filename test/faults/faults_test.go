package faults_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/test/faults"
	"github.com/skep-dev/skep/test/sample"
)

var (
	all   = flag.Bool("faults.all", os.Getenv("FAULTS") == "all", "run every fault at every event instead of a sample")
	only  = flag.String("faults.only", "", "run only the run with this name")
	match = flag.String("faults.match", "", "run every run whose name matches this regular expression")
	seed  = flag.Uint64("faults.seed", 1, "seed of the sample")
	some  = flag.Int("faults.sample", 48, "number of runs in the sample, of which -short plays a quarter")
	shard = flag.String("faults.shard", "1/1", "run part i of n of the runs, as i/n")
)

func TestAFaultAtAnyEventLeavesOneOfEachResource(t *testing.T) {
	t.Parallel()
	t.Logf("seed %d", *seed)
	scenarios := slices.DeleteFunc(slices.Clone(faults.Scenarios), func(s *faults.Scenario) bool {
		return *only != "" && !strings.HasPrefix(*only, s.Name+" ") && *only != s.Name
	})
	t.Run("none", func(t *testing.T) {
		for _, s := range scenarios {
			t.Run(s.Name, func(t *testing.T) {
				t.Parallel()
				reference(t, s)
			})
		}
	})
	table := faults.NewTable()
	var runs []faults.Run
	for _, s := range scenarios {
		trace := reference(t, s).Trace
		table.AddEvents(s, trace)
		runs = append(runs, faults.Every(s, trace)...)
	}
	switch {
	case *only != "":
		run, err := faults.Parse(*only)
		require.NoError(t, err)
		runs = []faults.Run{run}
	case *match != "":
		runs = slices.DeleteFunc(runs, func(r faults.Run) bool { return !matches(t, r) })
	case !*all:
		runs = sample.Every(4, 0, faults.Spread(runs, *some, *seed))
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
				defer func() { table.AddRun(run, result, t.Failed()) }()
				result = run.Play(t, reference(t, run.Scenario).End)
				require.Empty(t, result.Violations, "repeat it with -faults.only=%q", run)
			})
		}
	})
	t.Log("\n" + table.String())
}

// matches reports whether the name of a run matches -faults.match.
func matches(t *testing.T, run faults.Run) bool {
	t.Helper()
	pattern, err := regexp.Compile(*match)
	require.NoError(t, err)
	return pattern.MatchString(run.String())
}
