package graph

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Outcome is the effect of a walk on one resource.
type Outcome string

// The outcomes of a step.
const (
	// Unchanged means that the resource already was in the desired state.
	Unchanged Outcome = "unchanged"
	// Changed means that the walk brought the resource to the desired state.
	Changed Outcome = "changed"
	// Waiting means that a change was requested and is not complete.
	Waiting Outcome = "waiting"
	// Blocked means that a resource that must settle first has not settled, or that a delete
	// blocker applies.
	Blocked Outcome = "blocked"
	// Failed means that a call returned an error.
	Failed Outcome = "failed"
)

func (o Outcome) settled() bool { return o == Unchanged || o == Changed }

// Step is the result of a walk for one resource.
type Step struct {
	// Name is the name of the resource.
	Name string
	// Outcome is the effect of the walk on the resource.
	Outcome Outcome
	// Message says what the step waits for.
	Message string
	// Err is the error of a failed step.
	Err error
	// RequeueAfter is the delay until the next useful walk; zero means that only an event helps.
	RequeueAfter time.Duration
}

// Report lists the results of a walk: first the resources of the graph in their order, then the
// deleted ones.
type Report []Step

// Settled reports whether no step has work left.
func (r Report) Settled() bool {
	for _, step := range r {
		if !step.Outcome.settled() {
			return false
		}
	}
	return true
}

// RequeueAfter returns the shortest delay of all steps; zero if no step requests another walk.
func (r Report) RequeueAfter() time.Duration {
	var soonest time.Duration
	for _, step := range r {
		if step.RequeueAfter > 0 && (soonest == 0 || step.RequeueAfter < soonest) {
			soonest = step.RequeueAfter
		}
	}
	return soonest
}

// Err joins the errors of the failed steps.
func (r Report) Err() error {
	var errs []error
	for _, step := range r {
		if step.Err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", step.Name, step.Err))
		}
	}
	return errors.Join(errs...)
}

// String returns one line for each step: outcome and name.
func (r Report) String() string {
	var b strings.Builder
	for _, step := range r {
		fmt.Fprintf(&b, "%-9s %s\n", step.Outcome, step.Name)
	}
	return b.String()
}
