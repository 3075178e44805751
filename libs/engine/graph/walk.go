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

// ConsistencyWindow is the time that AWS may take to show a create: the five minutes that AWS
// names for the eventual consistency of EC2. Within it, an absent resource may still exist.
const ConsistencyWindow = 5 * time.Minute

// retryInterval is the delay before a retry after an error that a person must end, such as a quota
// or a permission.
const retryInterval = time.Minute

// concurrency is the number of resources that one walk visits at a time.
const concurrency = 32

// instrumentation is the name of the tracer. The tracer is read at each use, so that it is the one of the
// provider that is set now.
const instrumentation = "github.com/skep-dev/skep/libs/engine/graph"

// Walk is one walk over the resources of a ledger.
type Walk struct {
	// Ledger records which resources exist.
	Ledger Ledger
	// Factories constructs the resources that only the ledger knows.
	Factories Factories
	// Resync observes every resource, including those that are ready in the ledger.
	Resync bool
	// Missing names ready resources that the walk observes too.
	Missing map[string]bool
	// Adopt means that the ledger may lack resources that exist. The walk looks for a resource
	// without an entry before it creates it: by its natural key, by its KnownTokens, and by the
	// token of a first attempt. KnownTokens holds the tokens that resources may have been created
	// with, by resource name.
	Adopt       bool
	KnownTokens map[string][]string
	// Routine means that no change caused the resync. A ready resource whose observation AWS
	// throttles then counts as unchanged.
	Routine bool
	// DeleteBlocker returns the reason why a resource must not be deleted yet, or "". Nil blocks
	// nothing.
	DeleteBlocker func(name string) string
	// Latencies learns the durations of creates and deletes. Nil uses the expected latencies.
	Latencies *Latencies
	// TimeScale is the factor by which AWS runs faster than the wall clock: 1 for AWS, more for
	// simulated AWS. Zero means 1.
	TimeScale float64
}

// wallTime converts a duration of AWS to the wall clock.
func (w Walk) wallTime(d time.Duration) time.Duration {
	if w.TimeScale <= 0 {
		return d
	}
	return time.Duration(float64(d) / w.TimeScale)
}

// step is one resource in a walk.
type step struct {
	Step
	// after holds the names of the steps that must settle first.
	after []string
	// takes is the expected latency of the step; rank is the time from its start until all of its
	// dependents have settled.
	takes time.Duration
	rank  time.Duration
	visit func(ctx context.Context) Step
	done  chan struct{}
}

// visitAll visits each step once all steps before it have settled. Independent steps run
// concurrently, and a step that does not settle blocks only the steps after it. The steps with the
// highest rank start first.
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
				need := byName[name]
				if need == nil {
					continue
				}
				<-need.done
				if !need.Outcome.settled() && s.Outcome == "" {
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

// guarded visits s under its own span and turns a panic into a failure, so that one broken
// resource does not stop the others.
func guarded(ctx context.Context, s *step) (result Step) {
	ctx, span := otel.Tracer(instrumentation).Start(ctx, s.Name)
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
