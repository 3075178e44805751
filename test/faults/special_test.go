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
)

// all services that change things in AWS, and the gateway that asks them to.
var services = []string{"gateway", "identity", "network", "ingress", "compute", "bastion"}

// references are the scenarios that were played undisturbed, by name, each once.
var references struct {
	sync.Mutex
	played map[string]faults.Result
}

// reference is a scenario undisturbed.
func reference(t *testing.T, s *faults.Scenario) faults.Result {
	t.Helper()
	references.Lock()
	defer references.Unlock()
	if result, ok := references.played[s.Name]; ok {
		return result
	}
	result := faults.Run{Scenario: s}.Play(t, "")
	require.Empty(t, result.Violations)
	if references.played == nil {
		references.played = make(map[string]faults.Result)
	}
	references.played[s.Name] = result
	return result
}

// making are the scenarios in which things are made and looked for at once.
var making = []string{"create", "delete-during-create"}

func TestWhatShowsLateIsNotMadeTwice(t *testing.T) {
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
				if !*all && !slices.Contains(making, s.Name) {
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

func TestTwoReplicasThatBothHoldAKeyMakeOneOfEverything(t *testing.T) {
	t.Parallel()
	for _, s := range faults.Scenarios {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			want := reference(t, s)
			result := faults.Run{Scenario: s, Apart: services}.Play(t, want.End)
			require.Empty(t, result.Violations)
		})
	}
}

// pick draws events of a trace that change something in AWS.
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

func TestAReplicaThatStoodStillAndGoesOnDoesNoHarm(t *testing.T) {
	t.Parallel()
	n := 1
	if *all {
		n = 1 << 20
	}
	for _, s := range faults.Scenarios {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			want := reference(t, s)
			for _, e := range pick(rand.New(rand.NewPCG(*seed, 0)), want.Trace, n) {
				run := faults.Run{Scenario: s, Apart: services, Plan: []faults.Injection{{Event: e, Kind: faults.Stall}}}
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

// harmed are the runs in which a replica that stood still once did harm: a part
// whose declaration came when its cluster went was waited for without end, and a
// delete that was decided anew hit the part of the next cluster of the name.
var harmed = []string{
	"delete-during-create ingress.put(ingresses/demo/quickstart)#1:stall",
	"re-create ingress.put(apiEndpoints/demo/quickstart)#1:stall",
	"re-create ingress.put(apiEndpoints/demo/quickstart)#2:stall",
	"re-create network.put(networks/demo/quickstart)#1:stall",
	"re-create identity.put(clusterIdentities/demo/quickstart)#1:stall",
}

func TestWhereAReplicaThatStoodStillOnceDidHarmItDoesNoneNow(t *testing.T) {
	t.Parallel()
	for _, name := range harmed {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run, err := faults.Parse(name)
			require.NoError(t, err)
			run.Apart = services
			require.Empty(t, run.Play(t, reference(t, run.Scenario).End).Violations)
		})
	}
}

var deaths = []faults.Kind{faults.DieBefore, faults.DieAfter, faults.DieAnswered}

func TestASecondDeathDuringTheRecoveryFromTheFirst(t *testing.T) {
	t.Parallel()
	n := 1
	if *all {
		n = 40
	}
	for _, s := range faults.Scenarios {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			want := reference(t, s)
			random := rand.New(rand.NewPCG(*seed, 1))
			for _, e := range pick(random, want.Trace, n) {
				first := faults.Injection{Event: e, Kind: deaths[random.IntN(len(deaths))]}
				draw := rand.New(rand.NewPCG(*seed, random.Uint64()))
				t.Run(first.String(), func(t *testing.T) {
					t.Parallel()
					once := faults.Run{Scenario: s, Plan: []faults.Injection{first}}
					recovery := once.Play(t, want.End)
					require.Empty(t, recovery.Violations)
					for _, e := range pick(draw, recovery.Trace[recovery.Broken:], 1) {
						second := faults.Injection{Event: e, Kind: deaths[draw.IntN(len(deaths))]}
						twice := faults.Run{Scenario: s, Plan: []faults.Injection{first, second}}
						t.Run(second.String(), func(t *testing.T) {
							require.Empty(t, twice.Play(t, want.End).Violations, "play it again with -faults.only=%q", twice)
						})
					}
				})
			}
		})
	}
}
