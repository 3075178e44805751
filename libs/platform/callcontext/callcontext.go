// Package callcontext carries in a context.Context on whose behalf AWS calls are made: the API object and resource,
// the priority, and the time that a read may wait to be shared. The reconciler and the graph set it; the rate
// limiter, shared reads and the audit log read it.
//
// It imports no other package of Skep, so every package may import it.
package callcontext

import (
	"context"
	"time"
)

// Priority orders calls that wait for the same rate limit. The numbers are those of skep.identity.v1.Budget.Priority.
type Priority int

// The priorities, lowest first.
const (
	// Scan is the observation of settled resources to find drift.
	Scan Priority = iota + 1
	// Change creates or updates what a user requested. It is the default.
	Change
	// Repair deletes, and restores what was ready before.
	Repair
)

// Call identifies on whose behalf calls are made. Empty fields are unknown.
type Call struct {
	// Object is the name of the API object, such as
	// `organizations/demo/networks/orchid`. The rate limiter keeps a place in its
	// queue only for calls that have one.
	Object string
	// Resource is the resource within the object's graph, such as
	// `subnet/public/eu-central-1a`.
	Resource string
	// Token is the token of the create that the resource comes from, and ID its id in
	// AWS. Both are set for mutating calls only.
	Token, ID string
	// Priority orders calls that wait for the same rate limit.
	Priority Priority
	// Rank is the expected time from this call until everything that depends on the
	// resource is ready. Among calls of one priority the highest rank goes first.
	Rank time.Duration
	// Patience is the time that a read may wait, in wall-clock time, for other reads to share one call. Zero means
	// that it waits only for the default of shared reads.
	Patience time.Duration
}

type key struct{}

// With returns a context whose calls are made on behalf of c alone.
func With(ctx context.Context, c Call) context.Context {
	return context.WithValue(ctx, key{}, c)
}

// Update returns a context with the call of ctx, changed by change.
func Update(ctx context.Context, change func(c *Call)) context.Context {
	c := From(ctx)
	change(&c)
	return With(ctx, c)
}

// From returns the call of ctx. Its priority is Change unless another was set.
func From(ctx context.Context) Call {
	c, _ := ctx.Value(key{}).(Call)
	if c.Priority == 0 {
		c.Priority = Change
	}
	return c
}
