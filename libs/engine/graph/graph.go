// Package graph keeps a set of interdependent cloud resources as they should be.
//
// A Graph is built by adding resources in the order they are mentioned. A
// resource names what it needs by holding pointers to it, and may only need
// what was added before it, so a graph has no cycles and reads as a table of
// contents. What exists already is remembered in a Ledger: an intent is stored
// there before anything is created, so that a crash at any point leads to
// exactly one of everything.
//
// Every verb makes one pass and never waits. A resource that is being born
// blocks the ones that need it and nothing else; the Report says when it may be
// worth looking again. Deletion needs no graph: the ledger knows what needed
// what, and each thing goes after everything that needed it.
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

// Add declares r and returns it, so that a graph reads as a list of
// assignments. It panics if r has the name of another resource, or needs
// something not added before it: both are mistakes in the program.
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

// Names lists the resources in the order they were declared, without what is
// only awaited.
func (g *Graph) Names() []string {
	names := make([]string, 0, len(g.resources))
	for _, r := range g.resources {
		if _, awaited := r.(*Dependency); !awaited {
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

// needsInAWS are the needs of r that are things of the graph, not only awaited.
func needsInAWS(r Resource) []string {
	var names []string
	for _, need := range r.Needs() {
		if _, awaited := need.(*Dependency); !awaited {
			names = append(names, need.Name())
		}
	}
	return names
}

// Declares reports whether the graph has a resource of this name.
func (g *Graph) Declares(name string) bool { return g.names[name] != nil }
