package graph

import (
	"context"
	"time"
)

type stepKey struct{}

// withStep returns the context in which a step is visited.
func withStep(ctx context.Context, s *step) context.Context {
	return context.WithValue(ctx, stepKey{}, s)
}

// StepOf returns the name of the resource that is visited in this context, and
// its rank: how long it usually takes, once it is asked for, until all that needs
// it is there. Outside of a pass it returns nothing.
func StepOf(ctx context.Context) (name string, rank time.Duration) {
	if s, ok := ctx.Value(stepKey{}).(*step); ok {
		return s.Name, s.rank
	}
	return "", 0
}

type patienceKey struct{}

// Patience is how long a look that is made in this context may wait for others
// that ask the same, in the time of the wall clock: not at all, unless it is at a
// thing that takes its time.
func Patience(ctx context.Context) time.Duration {
	patience, _ := ctx.Value(patienceKey{}).(time.Duration)
	return patience
}

// WithPatience returns the context of a look that may wait so long for others.
func WithPatience(ctx context.Context, d time.Duration) context.Context {
	return context.WithValue(ctx, patienceKey{}, d)
}
