package faults

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/test/clustertest"
)

// Run is a scenario with its injected faults.
type Run struct {
	// Scenario is the scenario to run.
	Scenario *Scenario
	// Plan are the faults to inject; an empty plan runs the scenario without faults.
	Plan []Injection
	// AWS are the options of simulated AWS, such as its lag.
	AWS awssim.Options
	// Isolated are the services with a second replica that reconciles the same keys, as if
	// two replicas held one lease.
	Isolated []string
	// Rest is the time in which a settled suite must make no mutating call. The minimum is
	// 12 minutes, which includes a resync.
	Rest time.Duration
}

// String returns the name of the run; Parse returns the run.
func (r Run) String() string {
	name := []string{r.Scenario.Name}
	for _, injection := range r.Plan {
		name = append(name, injection.String())
	}
	return strings.Join(name, " ")
}

// Parse returns the run with a name, the result of Run.String.
func Parse(name string) (Run, error) {
	words := strings.Fields(name)
	if len(words) == 0 {
		return Run{}, fmt.Errorf("run %q has no scenario", name)
	}
	i := slices.IndexFunc(Scenarios, func(s *Scenario) bool { return s.Name == words[0] })
	if i < 0 {
		return Run{}, fmt.Errorf("run %q: there is no scenario %s", name, words[0])
	}
	r := Run{Scenario: Scenarios[i]}
	for _, word := range words[1:] {
		injection, err := ParseInjection(word)
		if err != nil {
			return Run{}, fmt.Errorf("run %q: %w", name, err)
		}
		r.Plan = append(r.Plan, injection)
	}
	return r, nil
}

// Result is the result of a run.
type Result struct {
	// Violations describe every difference from the expected result; none means success.
	Violations []string
	// Reached reports for each injection whether its event happened.
	Reached []bool
	// Trace are the events of the scenario in order.
	Trace []Event
	// Broken is the number of events up to the first fault; zero means that none was reached.
	Broken int
	// End is the content of AWS at the end of the scenario.
	End string
}

// lateness is longer than any late call takes after a scenario.
const lateness = 6 * time.Minute

// Play runs the scenario with its faults and checks the result. Want is the Result.End of
// the same scenario without faults; "" skips the comparison.
func (r Run) Play(t *testing.T, want string) Result {
	t.Helper()
	var result Result
	p := newProbe(r.Plan)
	clustertest.Run(t, clustertest.Options{AWS: r.AWS, Fault: p.write}, func(t *testing.T, s *clustertest.Suite) {
		ctx, cancel := context.WithCancel(t.Context())
		wait := p.intents.watch(ctx, t, s)
		defer wait()
		defer cancel()
		// After the lag, reads show the resources of the account administrator.
		time.Sleep(max(r.AWS.Lag, r.AWS.TagLag))
		if r.Scenario.Before != nil {
			r.Scenario.Before(t, s)
		}
		if r.Scenario.KeepsBefore {
			s.Baseline = exact(s)
		}
		for _, service := range r.Isolated {
			s.StartIsolated(service)
		}
		earlier := uids(s)
		p.arm(s)
		r.Scenario.Act(t, s)
		time.Sleep(time.Minute)
		if r.late() {
			time.Sleep(lateness)
		}
		p.disarm()
		result = r.check(t, s, earlier, want)
		result.Violations = append(result.Violations, p.intents.unintended()...)
		result.Reached, result.Trace, result.Broken = p.reached, p.trace, p.broken
	})
	return result
}

// late reports whether an effect of the run may come minutes after its event.
func (r Run) late() bool {
	return r.AWS.Lag+r.AWS.TagLag > 0 || slices.ContainsFunc(r.Plan, func(i Injection) bool { return i.Kind == Stall || delays[i.Kind] > 0 })
}

// check compares AWS after the scenario, requires a rest without mutating calls, deletes
// the cluster, and compares AWS again.
func (r Run) check(t *testing.T, s *clustertest.Suite, earlier []string, want string) Result {
	t.Helper()
	result := Result{End: normalized(s, earlier)}
	if r.Scenario.Deleted {
		want = s.Baseline
	}
	if r.Scenario.Deleted || want != "" {
		result.Violations = prefixed("at rest", difference(result.End, want))
	}
	changes := len(s.AWS.Mutations())
	time.Sleep(max(r.Rest, 12*time.Minute))
	for _, call := range s.AWS.Mutations()[changes:] {
		result.Violations = append(result.Violations, fmt.Sprintf("changed after it had settled: %s", call.Operation))
	}
	if !r.Scenario.Deleted {
		remove(t, s)
		s.WaitUntil(t, clustertest.IsDeleted)
		result.Violations = append(result.Violations, prefixed("after the delete", difference(exact(s), s.Baseline))...)
	}
	result.Violations = append(result.Violations, duplicates(s.AWS.Ledger())...)
	result.Violations = append(result.Violations, throttled(s)...)
	result.Violations = append(result.Violations, unaudited(t, s)...)
	return result
}
