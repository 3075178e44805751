// Package graphtest checks the five laws that every graph of every service obeys:
//
//  1. the report of the first reconciliation matches the golden file, which reads as the
//     table of contents;
//  2. a resync of a settled graph makes no mutating call;
//  3. without injected faults, AWS refuses no call;
//  4. a delete leaves no resource;
//  5. if any one mutating call fails, loses its answer, or kills the process, the end
//     state is the same as without the fault.
//
// Only tests of services import it.
package graphtest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/aws/ratelimit"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

// Account and Region are the AWS account and region of the graphs under test.
const (
	Account = "111122223333"
	Region  = "eu-central-1"
)

// Subject is a graph under test.
type Subject struct {
	// Build returns the graph.
	Build func(config aws.Config) *graph.Graph
	// Factories returns the factories that the deletion needs.
	Factories func(config aws.Config) graph.Factories
	// Fixtures creates the resources that other services create before this graph; nil
	// creates none.
	Fixtures func(ctx context.Context, t *testing.T, w *awssim.Simulation, config aws.Config)
	// Golden is the file below testdata with the report of the first reconciliation.
	Golden string
}

// Laws checks that the subject obeys the five laws.
func Laws(t *testing.T, s Subject) {
	t.Helper()
	t.Run("the first reconciliation reads as the table of contents", func(t *testing.T) {
		s.bubble(t, func(t *testing.T, b *bench) {
			golden(t, s.Golden, b.ensure(false).String())
		})
	})
	var undisturbed, before string
	t.Run("without faults AWS refuses no call, a resync changes nothing, and a delete leaves no resource", func(t *testing.T) {
		s.bubble(t, func(t *testing.T, b *bench) {
			before = b.snapshot()
			b.settle(t, func() graph.Report { return b.strict(t, b.ensure(false)) })
			undisturbed = b.snapshot()
			mutations := len(b.sim.Mutations())
			time.Sleep(graph.ConsistencyWindow)
			for _, step := range b.ensure(true) {
				require.Equal(t, graph.Unchanged, step.Outcome, step.Name)
			}
			require.Len(t, b.sim.Mutations(), mutations, "the resync made a mutating call")
			b.settle(t, func() graph.Report { return b.strict(t, b.delete()) })
			time.Sleep(draining)
			require.Empty(t, difference(before, b.snapshot()))
			require.Zero(t, b.sim.Throttles())
		})
	})
	for _, injected := range []injectedFault{fails, loses, dies} {
		t.Run("any one call "+string(injected), func(t *testing.T) {
			for nth := 1; s.disturbed(t, injected, nth, before, undisturbed); nth++ {
			}
		})
	}
}

// draining is longer than a deregistered target shows as draining.
const draining = 2 * graph.ConsistencyWindow

// injectedFault is the fault of one call.
type injectedFault string

const (
	fails injectedFault = "fails before it takes effect"
	loses injectedFault = "takes effect and loses its answer"
	dies  injectedFault = "takes effect and the process dies"
)

// disturbed injects the fault into the nth mutating call, reconciles until the graph
// settles, compares AWS with want, deletes the graph and compares AWS with before. It
// returns false if there was no nth call.
func (s Subject) disturbed(t *testing.T, injected injectedFault, nth int, before, want string) (hit bool) {
	t.Helper()
	s.bubble(t, func(t *testing.T, b *bench) {
		var operation string
		b.disturb(injected, nth, &operation)
		b.settle(t, func() graph.Report { return b.ensure(false) })
		b.settle(t, func() graph.Report { return b.ensure(true) })
		require.Empty(t, difference(want, b.snapshot()), "fault in call %d, %s, %s", nth, operation, injected)
		b.settle(t, b.delete)
		time.Sleep(draining)
		require.Empty(t, difference(before, b.snapshot()), "after the delete; fault in call %d, %s, %s", nth, operation, injected)
		hit = operation != ""
	})
	return hit
}

// bench is one graph in one simulated AWS.
type bench struct {
	subject Subject
	sim     *awssim.Simulation
	config  aws.Config
	ledger  *ledger
	died    chan struct{}
}

func (s Subject) bubble(t *testing.T, test func(*testing.T, *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		sim, err := awssim.New(awssim.Options{Seed: 1})
		require.NoError(t, err)
		config := sim.Config(Account, Region)
		session.Instrument(&config, ratelimit.New(ratelimit.NewLocal(1)), Account)
		if s.Fixtures != nil {
			s.Fixtures(t.Context(), t, sim, config)
			// After the consistency window every read shows the fixtures.
			time.Sleep(graph.ConsistencyWindow)
		}
		sim.ResetCalls()
		test(t, &bench{subject: s, sim: sim, config: config, ledger: newLedger()})
	})
}

func (b *bench) walk(resync bool) graph.Walk {
	return graph.Walk{Ledger: b.ledger, Factories: b.subject.Factories(b.config), Resync: resync}
}

func (b *bench) ensure(resync bool) graph.Report {
	report := b.subject.Build(b.config).Ensure(context.Background(), b.walk(resync))
	b.ledger.end(b.dead())
	return report
}

func (b *bench) delete() graph.Report {
	report := b.walk(false).Delete(context.Background())
	b.ledger.end(b.dead())
	return report
}

// dead reports whether the process died during the reconciliation. It removes the fault,
// so that the next reconciliation runs in a new process.
func (b *bench) dead() bool {
	select {
	case <-b.died:
		b.died = nil
		b.sim.Inject(awssim.Faults{})
		return true
	default:
		return false
	}
}

// disturb injects the fault into the nth mutating call from now, and stores its operation.
func (b *bench) disturb(injected injectedFault, nth int, operation *string) {
	died := make(chan struct{})
	b.died = died
	var mu sync.Mutex
	seen := 0
	hit := func(c awssim.Call) error {
		mu.Lock()
		defer mu.Unlock()
		if seen >= nth && injected == dies {
			return errors.New("the process is dead")
		}
		if !c.Mutating {
			return nil
		}
		if seen++; seen != nth {
			return nil
		}
		*operation = c.Operation
		if injected == dies {
			close(died)
		}
		return errors.New("connection reset by peer")
	}
	faults := awssim.Faults{After: hit}
	if injected == fails {
		faults = awssim.Faults{Before: hit}
	}
	if injected == dies {
		faults.Before = func(awssim.Call) error {
			mu.Lock()
			defer mu.Unlock()
			if seen >= nth {
				return errors.New("the process is dead")
			}
			return nil
		}
	}
	b.sim.Inject(faults)
}

// settle reconciles until a report is settled.
func (b *bench) settle(t *testing.T, reconcile func() graph.Report) {
	t.Helper()
	const limit = 300
	var report graph.Report
	for range limit {
		report = reconcile()
		if report.Settled() {
			return
		}
		time.Sleep(max(report.RequeueAfter(), time.Second))
	}
	require.Fail(t, "the graph did not settle", "%s\n%v", report, report.Err())
}

func (b *bench) strict(t *testing.T, report graph.Report) graph.Report {
	t.Helper()
	require.NoError(t, report.Err())
	return report
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "create it with UPDATE_GOLDEN=1")
	require.Equal(t, string(want), got, "%s differs; if the change is intended, run with UPDATE_GOLDEN=1", path)
}

// Play runs a test in a bubble of its own with a new simulated AWS and an SDK
// configuration for Account in Region.
func Play(t *testing.T, test func(t *testing.T, w *awssim.Simulation, config aws.Config)) {
	t.Helper()
	Subject{}.bubble(t, func(t *testing.T, b *bench) { test(t, b.sim, b.config) })
}
