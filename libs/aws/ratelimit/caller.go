package ratelimit

import (
	"context"
	"time"
)

// Priority says who goes first. The numbers are those of skep.identity.v1.
type Priority int

// The priorities, the last first.
const (
	// Scan is looking at what is settled, to find what drifted.
	Scan Priority = iota + 1
	// Change is making what a user asked for. Who says nothing is this.
	Change
	// Repair is deleting, and mending what was as declared before.
	Repair
)

// Caller says for whom and for what a call is made.
type Caller struct {
	// Owner is the name of the resource whose call it is, such as
	// `organizations/demo/networks/orchid`. Only the calls of an owner keep a place.
	Owner string
	// Step is the thing of the owner that the call is about.
	Step string
	// Priority says who goes first.
	Priority Priority
	// Rank is how long it takes, once this call is made, until all that waits for
	// it is done. Among calls of one priority the longest goes first.
	Rank time.Duration
}

type callerKey struct{}

// With returns a context whose calls are made for the caller.
func With(ctx context.Context, caller Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, caller)
}

// From returns for whom the calls of a context are made: without more, a change
// of nobody's.
func From(ctx context.Context) Caller {
	caller, _ := ctx.Value(callerKey{}).(Caller)
	if caller.Priority == 0 {
		caller.Priority = Change
	}
	return caller
}
