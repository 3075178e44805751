package graph

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Outcome is what one pass did to one resource.
type Outcome string

// The outcomes of a step.
const (
	// Unchanged means that it was as it should be.
	Unchanged Outcome = "unchanged"
	// Changed means that the pass made it so.
	Changed Outcome = "changed"
	// Waiting means that it was asked for and is not there yet.
	Waiting Outcome = "waiting"
	// Blocked means that something it depends on has not settled.
	Blocked Outcome = "blocked"
	// Failed means that it was refused.
	Failed Outcome = "failed"
)

func (o Outcome) settled() bool { return o == Unchanged || o == Changed }

// Step is what one pass did to one resource.
type Step struct {
	// Name is the name of the resource.
	Name string
	// Outcome is what the pass did to it.
	Outcome Outcome
	// Message says what it waits for, in words.
	Message string
	// Err says why it failed.
	Err error
	// RequeueAfter is when it may be worth looking again; zero if only an event helps.
	RequeueAfter time.Duration
}

// Report lists what a pass did: first the resources of the graph in the order
// they were declared, then what was removed.
type Report []Step

// Settled reports whether there is nothing left to do.
func (r Report) Settled() bool {
	for _, step := range r {
		if !step.Outcome.settled() {
			return false
		}
	}
	return true
}

// RequeueAfter is when it may be worth making another pass; zero if no step asks for one.
func (r Report) RequeueAfter() time.Duration {
	var soonest time.Duration
	for _, step := range r {
		if step.RequeueAfter > 0 && (soonest == 0 || step.RequeueAfter < soonest) {
			soonest = step.RequeueAfter
		}
	}
	return soonest
}

// Err joins the errors of the resources that failed.
func (r Report) Err() error {
	var errs []error
	for _, step := range r {
		if step.Err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", step.Name, step.Err))
		}
	}
	return errors.Join(errs...)
}

// String is the table of contents of a pass, one resource a line.
func (r Report) String() string {
	var b strings.Builder
	for _, step := range r {
		fmt.Fprintf(&b, "%-9s %s\n", step.Outcome, step.Name)
	}
	return b.String()
}
