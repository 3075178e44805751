package faults

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/test/scene"
)

// Run is a scenario with what goes wrong in it.
type Run struct {
	// Scenario is what happens.
	Scenario *Scenario
	// Plan is what goes wrong; nothing leaves the scenario undisturbed.
	Plan []Injection
	// AWS says how AWS behaves.
	AWS awssim.Options
	// Apart are services with a second replica that also holds everything to be its
	// own, as after a lease that both believe in.
	Apart []string
	// Rest is how long the world is looked at once everything is settled. Without
	// it, 12 minutes: in that time everything is looked at once more.
	Rest time.Duration
}

// String is the name of the run, from which Parse makes it again.
func (r Run) String() string {
	name := []string{r.Scenario.Name}
	for _, injection := range r.Plan {
		name = append(name, injection.String())
	}
	return strings.Join(name, " ")
}

// Parse makes the run of a name.
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

// Result is what came of a run.
type Result struct {
	// Violations are the laws that were broken, in words.
	Violations []string
	// Reached says of each injection whether its event came.
	Reached []bool
	// Trace are the events of the scenario, in their order.
	Trace []Event
	// Broken is how many of them had passed when the first thing went wrong.
	Broken int
	// End is AWS at the end of the scenario.
	End string
}

// lateness is how long after a scenario something late may still take effect.
const lateness = 6 * time.Minute

// Play plays a run. Want is AWS at the end of the same scenario undisturbed; ""
// asks for it.
func (r Run) Play(t *testing.T, want string) Result {
	t.Helper()
	var result Result
	p := newProbe(r.Plan)
	scene.Play(t, scene.Options{AWS: r.AWS, Fault: p.write}, func(t *testing.T, s *scene.Scene) {
		ctx, cancel := context.WithCancel(t.Context())
		witnessed := p.intents.watch(ctx, t, s)
		defer witnessed()
		defer cancel()
		// What was there before shows by now.
		time.Sleep(max(r.AWS.Lag, r.AWS.TagLag))
		if r.Scenario.Before != nil {
			r.Scenario.Before(t, s)
		}
		if r.Scenario.Kept {
			s.Before = exact(s)
		}
		for _, service := range r.Apart {
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
		result = r.judge(t, s, earlier, want)
		result.Violations = append(result.Violations, p.intents.found()...)
		result.Reached, result.Trace, result.Broken = p.reached, p.trace, p.broken
	})
	return result
}

// late reports whether something of the run happens long after its event.
func (r Run) late() bool {
	return r.AWS.Lag+r.AWS.TagLag > 0 || slices.ContainsFunc(r.Plan, func(i Injection) bool { return i.Kind == Stall || delays[i.Kind] > 0 })
}

// judge looks at AWS once the scenario is over, again after a rest, and then at
// what is left once the cluster is gone.
func (r Run) judge(t *testing.T, s *scene.Scene, earlier []string, want string) Result {
	t.Helper()
	result := Result{End: look(s, earlier)}
	if r.Scenario.Gone {
		want = s.Before
	}
	if r.Scenario.Gone || want != "" {
		result.Violations = prefixed("at rest", difference(result.End, want))
	}
	changes := len(s.AWS.Mutations())
	time.Sleep(max(r.Rest, 12*time.Minute))
	for _, call := range s.AWS.Mutations()[changes:] {
		result.Violations = append(result.Violations, fmt.Sprintf("was not left alone: %s", call.Operation))
	}
	if !r.Scenario.Gone {
		remove(t, s)
		s.Until(t, scene.IsGone)
		result.Violations = append(result.Violations, prefixed("after the delete", difference(exact(s), s.Before))...)
	}
	result.Violations = append(result.Violations, twins(s.AWS.Ledger())...)
	result.Violations = append(result.Violations, throttled(s)...)
	result.Violations = append(result.Violations, unaudited(t, s)...)
	return result
}
