package critical

import (
	"time"

	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"
)

// Step is the creation of one resource of a plan and its place in time, at the median latencies.
type Step struct {
	// Calls are the AWS operations and the states ("NatGateway/available") that it consists of.
	Calls []string
	// Start is the earliest time at which it can begin, from the begin of the plan.
	Start time.Duration
	// Rest is the time from its start to the end of everything that needs it.
	Rest time.Duration
}

// Steps returns the steps of a plan, in its order.
func Steps(actions []*typev1.PlannedAction) []Step {
	p := plan{actions: actions, paths: make(map[*typev1.PlannedAction]Path)}
	rests := make(map[*typev1.PlannedAction]time.Duration)
	steps := make([]Step, 0, len(actions))
	for _, action := range actions {
		steps = append(steps, Step{
			Calls: rowOf(typeOf(action)).steps(),
			Start: p.until(action).Length - takes(action),
			Rest:  p.from(action, rests),
		})
	}
	return steps
}

// from is the longest chain that begins with action.
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
	rests[action] = longest + takes(action)
	return rests[action]
}
