// Package cause carries in a context on whose behalf something is done: which
// record, which step of its graph, which intent. Who walks a graph puts it there,
// and whoever writes an audit line, a span or a bill reads it. It promises
// nothing else, knows nothing, and may be imported by every package of libs.
package cause

import "context"

// A Cause is on whose behalf something is done. What is not known is empty.
type Cause struct {
	// Record is the resource of Skep, such as `organizations/demo/networks/orchid`.
	Record string
	// Step is the thing within it, such as `subnet/public/eu-central-1a`.
	Step string
	// Intent is the token of the create that the thing comes from.
	Intent string
	// ID is what AWS calls the thing, as far as that is known.
	ID string
}

type key struct{}

// With returns a context with a cause, in which what is empty is as in the
// context before.
func With(ctx context.Context, c Cause) context.Context {
	before := Of(ctx)
	for _, field := range []struct {
		to   *string
		from string
	}{{&c.Record, before.Record}, {&c.Step, before.Step}, {&c.Intent, before.Intent}, {&c.ID, before.ID}} {
		if *field.to == "" {
			*field.to = field.from
		}
	}
	return context.WithValue(ctx, key{}, c)
}

// Of returns the cause of a context; the zero Cause if there is none.
func Of(ctx context.Context) Cause {
	c, _ := ctx.Value(key{}).(Cause)
	return c
}
