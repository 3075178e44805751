package graph

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/codes"

	"github.com/skep-dev/skep/libs/platform/callcontext"
)

// ConsistencyWindow is how long the cloud may take to show what it made: the five minutes
// that AWS names for EC2's eventual consistency. Until then, not found is not
// proof of absence.
const ConsistencyWindow = 5 * time.Minute

// retryInterval is how long to wait before asking again for what somebody else must
// make possible: a quota, a permission.
const retryInterval = time.Minute

// concurrency is how many resources of one pass are visited at a time.
const concurrency = 32

var tracer = otel.Tracer("github.com/skep-dev/skep/libs/engine/graph")

// Walk is one walk over the resources that a ledger remembers.
type Walk struct {
	// Ledger remembers what exists.
	Ledger Ledger
	// Factories makes the resources that only the ledger still knows.
	Factories Factories
	// Resync looks at everything, also at what the ledger holds to be ready.
	Resync bool
	// Missing are looked at though the ledger holds them to be ready.
	Missing map[string]bool
	// Adopt says that the ledger may have forgotten things that exist: what it does
	// not know is looked up before it is created: by the tokens that it may have been
	// made with, which Made has under its name, and by that of a first attempt.
	Adopt       bool
	KnownTokens map[string][]string
	// Routine says that a survey is not made because of any change, so that what
	// cannot be looked at now is taken to be as it was.
	Routine bool
	// DeleteBlocker says why a thing must not be deleted yet, or "".
	DeleteBlocker func(name string) string
	// Latencies learns how long things take; nil keeps to what is usual.
	Latencies *Latencies
	// TimeScale is how many times faster than the wall clock the cloud runs: 1 for
	// AWS, more for a simulation. Zero means 1.
	TimeScale float64
}

// wallTime shortens a time of the cloud to one of the wall clock.
func (p Walk) wallTime(d time.Duration) time.Duration {
	if p.TimeScale <= 0 {
		return d
	}
	return time.Duration(float64(d) / p.TimeScale)
}

// step is one resource on its way through a walk.
type step struct {
	Step
	// after are the names of what must settle first.
	after []string
	// takes is how long the thing usually takes; rank is how long it takes from here
	// until all that waits for it has settled.
	takes time.Duration
	rank  time.Duration
	visit func(ctx context.Context) Step
	done  chan struct{}
}

// visitAll visits each step once everything before it has settled. Steps that do
// not depend on one another run side by side, and one that does not settle
// stops only what comes after it. What is on the longest path starts first.
func visitAll(ctx context.Context, steps []*step) Report {
	byName := make(map[string]*step, len(steps))
	for _, s := range steps {
		s.done = make(chan struct{})
		byName[s.Name] = s
	}
	slots := make(chan struct{}, concurrency)
	var wg sync.WaitGroup
	for _, s := range rank(steps) {
		wg.Go(func() {
			defer close(s.done)
			for _, name := range s.after {
				before := byName[name]
				if before == nil {
					continue
				}
				<-before.done
				if !before.Outcome.settled() && s.Outcome == "" {
					s.Outcome, s.Message = Blocked, "waits for "+name
				}
			}
			if s.Outcome == Blocked {
				return
			}
			slots <- struct{}{}
			defer func() { <-slots }()
			s.Step = guarded(ctx, s)
		})
	}
	wg.Wait()
	report := make(Report, 0, len(steps))
	for _, s := range steps {
		report = append(report, s.Step)
	}
	return report
}

// guarded visits s under a span of its own and turns a panic into a failure,
// so that one broken resource cannot take the others with it.
func guarded(ctx context.Context, s *step) (result Step) {
	ctx, span := tracer.Start(ctx, s.Name)
	defer span.End()
	defer func() {
		if r := recover(); r != nil {
			result = Step{Name: s.Name, Outcome: Failed, Err: fmt.Errorf("panic: %v\n%s", r, debug.Stack())}
		}
		if result.Err != nil {
			span.SetStatus(codes.Error, result.Err.Error())
		}
	}()
	return s.visit(callcontext.Update(ctx, func(c *callcontext.Call) { c.Resource, c.Rank = s.Name, s.rank }))
}
