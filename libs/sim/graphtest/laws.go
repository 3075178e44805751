// Package graphtest holds the five laws that every graph of every service obeys:
//
//  1. the first pass reads as the table of contents;
//  2. a settled graph is left alone, with no mutating call;
//  3. undisturbed, AWS never refuses an order;
//  4. delete leaves nothing;
//  5. any call may fail, before it acted or after, or the process may die there:
//     the end state equals the undisturbed one.
//
// Tests of services import it.
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

// Account and Region are where the graphs under test live.
const (
	Account = "111122223333"
	Region  = "eu-central-1"
)

// Subject is a graph under test.
type Subject struct {
	// Build makes the graph; Kinds makes what its deletion needs.
	Build     func(config aws.Config) *graph.Graph
	Factories func(config aws.Config) graph.Factories
	// Fixtures makes what other services would have made before; nil if nothing.
	Fixtures func(ctx context.Context, t *testing.T, w *awssim.World, config aws.Config)
	// Golden is the file that the first pass is compared with, below testdata.
	Golden string
}

// Laws checks that the subject obeys the five laws.
func Laws(t *testing.T, s Subject) {
	t.Helper()
	t.Run("the first pass reads as the table of contents", func(t *testing.T) {
		s.bubble(t, func(t *testing.T, b *bench) {
			golden(t, s.Golden, b.ensure(false).String())
		})
	})
	var undisturbed, before string
	t.Run("undisturbed AWS refuses nothing, a settled graph is left alone, and delete leaves nothing", func(t *testing.T) {
		s.bubble(t, func(t *testing.T, b *bench) {
			before = b.picture()
			b.settle(t, func() graph.Report { return b.strict(t, b.ensure(false)) })
			undisturbed = b.picture()
			mutations := len(b.world.Mutations())
			time.Sleep(graph.ConsistencyWindow)
			for _, step := range b.ensure(true) {
				require.Equal(t, graph.Unchanged, step.Outcome, step.Name)
			}
			require.Len(t, b.world.Mutations(), mutations, "a second pass made a mutating call")
			b.settle(t, func() graph.Report { return b.strict(t, b.delete()) })
			time.Sleep(draining)
			require.Empty(t, difference(before, b.picture()))
			require.Zero(t, b.world.Throttles())
		})
	})
	for _, trouble := range []injectedFault{fails, loses, dies} {
		t.Run("any call may go wrong: it "+string(trouble), func(t *testing.T) {
			for nth := 1; s.disturbed(t, trouble, nth, before, undisturbed); nth++ {
			}
		})
	}
}

// draining is how long a target that was taken out shows as draining, and more.
const draining = 2 * graph.ConsistencyWindow

// injectedFault is what happens to one call.
type injectedFault string

const (
	fails injectedFault = "fails before it acted"
	loses injectedFault = "acts and its answer is lost"
	dies  injectedFault = "acts and the process dies there"
)

// disturbed makes the nth mutating call go wrong, runs to rest, and compares. It
// returns false if there was no nth call.
func (s Subject) disturbed(t *testing.T, trouble injectedFault, nth int, before, want string) (hit bool) {
	t.Helper()
	s.bubble(t, func(t *testing.T, b *bench) {
		var operation string
		b.disturb(trouble, nth, &operation)
		b.settle(t, func() graph.Report { return b.ensure(false) })
		b.settle(t, func() graph.Report { return b.ensure(true) })
		require.Empty(t, difference(want, b.picture()), "after call %d, %s, %s", nth, operation, trouble)
		b.settle(t, b.delete)
		time.Sleep(draining)
		require.Empty(t, difference(before, b.picture()), "deleted, after call %d, %s, %s", nth, operation, trouble)
		hit = operation != ""
	})
	return hit
}

// bench is one graph in one world.
type bench struct {
	subject Subject
	world   *awssim.World
	config  aws.Config
	ledger  *ledger
	died    chan struct{}
}

func (s Subject) bubble(t *testing.T, test func(*testing.T, *bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		world, err := awssim.New(awssim.Options{Seed: 1})
		require.NoError(t, err)
		config := world.Config(Account, Region)
		session.Instrument(&config, ratelimit.New(ratelimit.NewLocal(1)), Account)
		if s.Fixtures != nil {
			s.Fixtures(t.Context(), t, world, config)
			// What was planted is there, and not about to be.
			time.Sleep(graph.ConsistencyWindow)
		}
		world.ForgetCalls()
		test(t, &bench{subject: s, world: world, config: config, ledger: newLedger()})
	})
}

func (b *bench) pass(survey bool) graph.Walk {
	return graph.Walk{Ledger: b.ledger, Factories: b.subject.Factories(b.config), Resync: survey}
}

func (b *bench) ensure(survey bool) graph.Report {
	report := b.subject.Build(b.config).Ensure(context.Background(), b.pass(survey))
	b.ledger.end(b.dead())
	return report
}

func (b *bench) delete() graph.Report {
	report := b.pass(false).Delete(context.Background())
	b.ledger.end(b.dead())
	return report
}

// dead reports whether the process died during the pass, and revives it.
func (b *bench) dead() bool {
	select {
	case <-b.died:
		b.died = nil
		b.world.Inject(awssim.Faults{})
		return true
	default:
		return false
	}
}

// disturb makes the nth mutating call from now go wrong.
func (b *bench) disturb(trouble injectedFault, nth int, operation *string) {
	died := make(chan struct{})
	b.died = died
	var mu sync.Mutex
	seen := 0
	hit := func(c awssim.Call) error {
		mu.Lock()
		defer mu.Unlock()
		if seen >= nth && trouble == dies {
			return errors.New("the process is dead")
		}
		if !c.Mutating {
			return nil
		}
		if seen++; seen != nth {
			return nil
		}
		*operation = c.Operation
		if trouble == dies {
			close(died)
		}
		return errors.New("connection reset by peer")
	}
	faults := awssim.Faults{After: hit}
	if trouble == fails {
		faults = awssim.Faults{Before: hit}
	}
	if trouble == dies {
		faults.Before = func(awssim.Call) error {
			mu.Lock()
			defer mu.Unlock()
			if seen >= nth {
				return errors.New("the process is dead")
			}
			return nil
		}
	}
	b.world.Inject(faults)
}

// settle makes passes until one settles.
func (b *bench) settle(t *testing.T, pass func() graph.Report) {
	t.Helper()
	const enough = 300
	var report graph.Report
	for range enough {
		report = pass()
		if report.Settled() {
			return
		}
		time.Sleep(max(report.RequeueAfter(), time.Second))
	}
	require.Fail(t, "did not settle", "%s\n%v", report, report.Err())
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
	require.NoError(t, err, "make it with UPDATE_GOLDEN=1")
	require.Equal(t, string(want), got, "%s differs; if that is meant, run with UPDATE_GOLDEN=1", path)
}

// Play runs a test in a bubble with a world of its own and a configuration for
// Account in Region.
func Play(t *testing.T, test func(t *testing.T, w *awssim.World, config aws.Config)) {
	t.Helper()
	Subject{}.bubble(t, func(t *testing.T, b *bench) { test(t, b.world, b.config) })
}
