// Package graph creates, repairs and deletes a set of interdependent AWS resources until they
// match the desired state.
//
// A Graph is built by adding resources. A resource names its dependencies by pointers, and all of
// them must be added before it, so a graph has no cycles and reads as a table of contents. A
// Ledger records which resources exist. The intent to create a resource is stored there before the
// create, so that a crash at any point leads to exactly one of each resource.
//
// Every operation is one walk over the resources and never waits. A pending resource blocks its
// dependents and no other resource; the Report gives the delay until the next useful walk. A
// delete needs no graph: the ledger holds the dependencies, and each resource is deleted after all
// of its dependents.
//
// The package knows neither AWS nor protobuf nor NATS. Services import it.
package graph

import (
	"fmt"
)

// Graph is an ordered set of resources. The zero value is empty.
type Graph struct {
	resources []Resource
	names     map[string]Resource
}

// Add adds r to the graph and returns it, so that a graph reads as a list of assignments. It
// panics if another resource has the name of r, or if r needs a resource that was not added before
// it: both are programming errors.
func Add[R Resource](g *Graph, r R) R {
	if g.names == nil {
		g.names = make(map[string]Resource)
	}
	if _, taken := g.names[r.Name()]; taken {
		panic(fmt.Sprintf("graph: two resources are named %s", r.Name()))
	}
	for _, need := range r.Needs() {
		if g.names[need.Name()] != need {
			panic(fmt.Sprintf("graph: %s needs %s, which was not added before it", r.Name(), need.Name()))
		}
	}
	g.names[r.Name()] = r
	g.resources = append(g.resources, r)
	return r
}

// Names returns the names of the resources in the order in which they were added, without the
// dependencies on other services.
func (g *Graph) Names() []string {
	names := make([]string, 0, len(g.resources))
	for _, r := range g.resources {
		if _, external := r.(*Dependency); !external {
			names = append(names, r.Name())
		}
	}
	return names
}

func needs(r Resource) []string {
	var names []string
	for _, need := range r.Needs() {
		names = append(names, need.Name())
	}
	return names
}

// needsInAWS returns the names of the needs of r that are AWS resources of the graph, without
// dependencies on other services.
func needsInAWS(r Resource) []string {
	var names []string
	for _, need := range r.Needs() {
		if _, external := need.(*Dependency); !external {
			names = append(names, need.Name())
		}
	}
	return names
}

// Declares reports whether the graph has a resource of this name.
func (g *Graph) Declares(name string) bool { return g.names[name] != nil }
