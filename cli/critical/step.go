package critical

import (
	"slices"
	"time"

	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"
)

// Step is one action of a plan with its place in time, at the median latencies of
// simulated AWS and without delays.
type Step struct {
	// Calls are the AWS calls and state changes of the action.
	Calls []string
	// Start is the earliest start, counted from the start of the plan.
	Start time.Duration
	// Rest is the duration from Start to the end of the longest chain of dependents.
	Rest time.Duration
}

// Steps returns the steps of a plan, in its order.
func Steps(actions []*typev1.PlannedAction) []Step {
	p := plan{actions: actions, paths: make(map[*typev1.PlannedAction]Path)}
	rests := make(map[*typev1.PlannedAction]time.Duration)
	steps := make([]Step, 0, len(actions))
	for _, action := range actions {
		steps = append(steps, Step{
			Calls: slices.Clone(latencies[resourceType(action)]),
			Start: p.until(action).Length - duration(action),
			Rest:  p.from(action, rests),
		})
	}
	return steps
}

// from returns the duration of the longest chain that starts with action.
func (p *plan) from(action *typev1.PlannedAction, rests map[*typev1.PlannedAction]time.Duration) time.Duration {
	if rest, ok := rests[action]; ok {
		return rest
	}
	var longest time.Duration
	for _, after := range p.actions {
		if needs(after, action) {
			longest = max(longest, p.from(after, rests))
		}
	}
	rests[action] = longest + duration(action)
	return rests[action]
}
