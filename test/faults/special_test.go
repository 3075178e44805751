package faults_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/test/faults"
	"github.com/skep-dev/skep/test/sample"
)

// services are the services that change AWS, and the gateway that sends them requests.
var services = []string{"gateway", "identity", "network", "ingress", "compute", "bastion"}

// references are the results of the scenarios without faults, by name.
var references sync.Map

// outcome is the result of a scenario that runs once, for the first test that needs it.
type outcome struct {
	once   sync.Once
	result faults.Result
}

// reference returns the result of a scenario without faults.
func reference(t *testing.T, s *faults.Scenario) faults.Result {
	t.Helper()
	entry, _ := references.LoadOrStore(s.Name, new(outcome))
	o := entry.(*outcome)
	o.once.Do(func() { o.result = faults.Run{Scenario: s}.Play(t, "") })
	require.NotEmpty(t, o.result.Trace, "%s failed without a fault", s.Name)
	require.Empty(t, o.result.Violations)
	return o.result
}

// creating are the scenarios that read resources right after their create.
var creating = []string{"create", "delete-during-create"}

func TestAResourceThatAppearsLateIsCreatedOnce(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]awssim.Options{
		"ids and tags after a minute":          {Lag: time.Minute},
		"ids and tags just before five":        {Lag: 5*time.Minute - 5*time.Second},
		"ids at once, tags just before five":   {TagLag: 5*time.Minute - 5*time.Second},
		"ids after a minute, tags before five": {Lag: time.Minute, TagLag: 5*time.Minute - 5*time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, s := range faults.Scenarios {
				if !*all && !slices.Contains(sample.Every(2, 0, creating), s.Name) {
					continue
				}
				t.Run(s.Name, func(t *testing.T) {
					t.Parallel()
					want := reference(t, s)
					result := faults.Run{Scenario: s, AWS: options}.Play(t, want.End)
					require.Empty(t, result.Violations)
				})
			}
		})
	}
}

func TestTwoHoldersOfAKeyCreateOneOfEachResource(t *testing.T) {
	t.Parallel()
	for _, s := range sample.Every(4, 0, faults.Scenarios) {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			want := reference(t, s)
			result := faults.Run{Scenario: s, Isolated: services}.Play(t, want.End)
			require.Empty(t, result.Violations)
		})
	}
}

// pick selects random mutating events of a trace.
func pick(random *rand.Rand, trace []faults.Event, n int) []faults.Event {
	var changing []faults.Event
	for _, e := range trace {
		if e.Mutating {
			changing = append(changing, e)
		}
	}
	random.Shuffle(len(changing), func(i, j int) { changing[i], changing[j] = changing[j], changing[i] })
	return changing[:min(n, len(changing))]
}

func TestAReplicaThatStalledDoesNoHarm(t *testing.T) {
	t.Parallel()
	n := 1
	if *all {
		n = 1 << 20
	}
	for _, s := range sample.Every(4, 1, faults.Scenarios) {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			want := reference(t, s)
			for _, e := range pick(rand.New(rand.NewPCG(*seed, 0)), want.Trace, n) {
				run := faults.Run{Scenario: s, Isolated: services, Plan: []faults.Injection{{Event: e, Kind: faults.Stall}}}
				if !matches(t, run) {
					continue
				}
				t.Run(run.String(), func(t *testing.T) {
					t.Parallel()
					require.Empty(t, run.Play(t, want.End).Violations)
				})
			}
		})
	}
}

// stalledRuns are the runs in which a stalled replica once did harm: the delete of a
// cluster waited forever for a component that the stalled replica created meanwhile, and a
// repeated delete hit the component of the next cluster with the name.
var stalledRuns = []string{
	"delete-during-create ingress.put(ingresses/demo/quickstart)#1:stall",
	"re-create ingress.put(apiEndpoints/demo/quickstart)#1:stall",
	"re-create ingress.put(apiEndpoints/demo/quickstart)#2:stall",
	"re-create network.put(networks/demo/quickstart)#1:stall",
	"re-create identity.put(clusterIdentities/demo/quickstart)#1:stall",
}

func TestAReplicaThatStalledInKnownRunsDoesNoHarm(t *testing.T) {
	t.Parallel()
	for _, name := range sample.Every(4, 0, stalledRuns) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run, err := faults.Parse(name)
			require.NoError(t, err)
			run.Isolated = services
			require.Empty(t, run.Play(t, reference(t, run.Scenario).End).Violations)
		})
	}
}

var crashes = []faults.Kind{faults.DieBefore, faults.DieAfter, faults.DieAnswered}

func TestASecondCrashDuringTheRecoveryFromTheFirst(t *testing.T) {
	t.Parallel()
	n := 1
	if *all {
		n = 40
	}
	for _, s := range sample.Every(4, 2, faults.Scenarios) {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			want := reference(t, s)
			random := rand.New(rand.NewPCG(*seed, 1))
			for _, e := range pick(random, want.Trace, n) {
				first := faults.Injection{Event: e, Kind: crashes[random.IntN(len(crashes))]}
				draw := rand.New(rand.NewPCG(*seed, random.Uint64()))
				t.Run(first.String(), func(t *testing.T) {
					t.Parallel()
					once := faults.Run{Scenario: s, Plan: []faults.Injection{first}}
					recovery := once.Play(t, want.End)
					require.Empty(t, recovery.Violations)
					for _, e := range pick(draw, recovery.Trace[recovery.Broken:], 1) {
						second := faults.Injection{Event: e, Kind: crashes[draw.IntN(len(crashes))]}
						twice := faults.Run{Scenario: s, Plan: []faults.Injection{first, second}}
						t.Run(second.String(), func(t *testing.T) {
							require.Empty(t, twice.Play(t, want.End).Violations, "repeat it with -faults.only=%q", twice)
						})
					}
				})
			}
		})
	}
}
