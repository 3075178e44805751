package graph

import (
	"context"

	"github.com/skep-dev/skep/libs/platform/cause"
)

// caused says in the context of a mutating call which thing it is made for.
func (v visitor) caused(ctx context.Context) context.Context {
	e := v.entry()
	return cause.With(ctx, cause.Cause{Step: e.Name, Intent: e.Token, ID: e.ID})
}
