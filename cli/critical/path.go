// Package critical computes the critical path of a plan: how long the creation of its resources takes at the median
// latencies of AWS, if no time is lost between them. The time that a create really took, divided by it, is the cost of
// Skep itself.
//
// It promises a row for every resource type that a plan can contain, and panics on any other type. The command `skep
// up` and the benchmarks may import it.
package critical

import (
	"slices"
	"strings"
	"time"

	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"
)

// Path is the longest chain of resources of which each waits for the one before.
type Path struct {
	// Length is the duration of the chain at the median latencies.
	Length time.Duration
	// Names are the resource types on it, in order.
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
	path := Path{Length: longest.Length + takes(action), Names: append(slices.Clone(longest.Names), typeOf(action))}
	p.paths[action] = path
	return path
}

// needs reports whether action waits for before: by the graph of its own component, or because it uses a resource of
// another component.
func needs(action, before *typev1.PlannedAction) bool {
	if action.GetOwner() == before.GetOwner() {
		return slices.Contains(action.GetNeeds(), before.GetResource())
	}
	for _, prefix := range across[typeOf(action)] {
		if before.GetResource() == prefix || strings.HasPrefix(before.GetResource(), prefix+"/") {
			return true
		}
	}
	return false
}

// takes is the time to create the resource of one action.
func takes(action *typev1.PlannedAction) time.Duration { return rowOf(typeOf(action)).takes() }

// typeOf is the resource type of an action, the first part of the resource's name.
func typeOf(action *typev1.PlannedAction) string {
	resourceType, _, _ := strings.Cut(action.GetResource(), "/")
	return resourceType
}
