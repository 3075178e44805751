// Package critical computes the critical path of a plan in simulated AWS: the duration
// of the creates if Skep itself took no time. The ratio of the measured duration to the
// critical path is the overhead of Skep.
package critical

import (
	"slices"
	"strings"
	"time"

	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

// Path is the longest chain of resources in which each depends on the one before.
type Path struct {
	// Length is the duration of the chain at the median latencies of simulated AWS.
	Length time.Duration
	// Names are the resource types on the path, in order.
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

// until returns the longest chain that ends with action.
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
	path := Path{Length: longest.Length + duration(action), Names: append(slices.Clone(longest.Names), resourceType(action))}
	p.paths[action] = path
	return path
}

// needs reports whether action waits for before: as a dependency in the graph of the
// same component, or because its component reads a value of another component.
func needs(action, before *typev1.PlannedAction) bool {
	if action.GetOwner() == before.GetOwner() {
		return slices.Contains(action.GetNeeds(), before.GetResource())
	}
	for _, prefix := range across[resourceType(action)] {
		if before.GetResource() == prefix || strings.HasPrefix(before.GetResource(), prefix+"/") {
			return true
		}
	}
	return false
}

// duration returns the duration of one action alone.
func duration(action *typev1.PlannedAction) time.Duration {
	var total time.Duration
	for _, call := range latencies[resourceType(action)] {
		total += awssim.Latency(call)
	}
	return total
}

func resourceType(action *typev1.PlannedAction) string {
	name, _, _ := strings.Cut(action.GetResource(), "/")
	return name
}
