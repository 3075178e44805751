// Package critical computes the critical path of a plan in simulated AWS: how
// long the same things would take if whoever builds them lost no time at all.
// What a cluster really took, divided by it, is what Skep itself costs.
package critical

import (
	"slices"
	"strings"
	"time"

	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

// Path is the longest chain of things of which each waits for the one before.
type Path struct {
	// Length is how long the chain takes at the simulation's median latencies.
	Length time.Duration
	// Names are the things on it, the first first.
	Names []string
}

// Of returns the critical path of a plan.
func Of(actions []*typev1.PlannedAction) Path {
	p := plan{actions: actions, paths: make(map[*typev1.PlannedAction]Path)}
	var longest Path
	for _, action := range actions {
		if path := p.until(action); path.Length > longest.Length {
			longest = path
		}
	}
	return longest
}

// plan computes the path to each action once.
type plan struct {
	actions []*typev1.PlannedAction
	paths   map[*typev1.PlannedAction]Path
}

// until is the longest chain that ends with action.
func (p *plan) until(action *typev1.PlannedAction) Path {
	if path, ok := p.paths[action]; ok {
		return path
	}
	var longest Path
	for _, before := range p.actions {
		if !needs(action, before) {
			continue
		}
		if path := p.until(before); path.Length > longest.Length {
			longest = path
		}
	}
	path := Path{Length: longest.Length + takes(action), Names: append(slices.Clone(longest.Names), kindOf(action))}
	p.paths[action] = path
	return path
}

// needs reports whether action waits for before: by the graph of its own part,
// or because its part reads what another part made.
func needs(action, before *typev1.PlannedAction) bool {
	if action.GetOwner() == before.GetOwner() {
		return slices.Contains(action.GetNeeds(), before.GetResource())
	}
	for _, prefix := range across[kindOf(action)] {
		if before.GetResource() == prefix || strings.HasPrefix(before.GetResource(), prefix+"/") {
			return true
		}
	}
	return false
}

// takes is how long a thing takes by itself.
func takes(action *typev1.PlannedAction) time.Duration {
	var total time.Duration
	for _, thing := range latencies[kindOf(action)] {
		total += awssim.Latency(thing)
	}
	return total
}

func kindOf(action *typev1.PlannedAction) string {
	kind, _, _ := strings.Cut(action.GetResource(), "/")
	return kind
}
