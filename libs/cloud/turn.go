package cloud

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/smithy-go/middleware"

	"github.com/skep-dev/skep/libs/fault"
)

// turns lets calls that AWS takes one at a time wait for one another: Route 53
// refuses a change to a hosted zone while another is under way
// (PriorRequestNotComplete).
type turns struct {
	mu    sync.Mutex
	taken map[string]chan struct{}
}

// take waits for the turn of a key, or until ctx ends. The turn is given back by
// calling what it returns.
func (t *turns) take(ctx context.Context, key string) (release func(), err error) {
	t.mu.Lock()
	if t.taken == nil {
		t.taken = make(map[string]chan struct{})
	}
	if t.taken[key] == nil {
		t.taken[key] = make(chan struct{}, 1)
	}
	turn := t.taken[key]
	t.mu.Unlock()
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// queued makes a call wait for its turn, if it is of a kind that has turns.
func queued(budget *Budget) middleware.InitializeMiddleware {
	return middleware.InitializeMiddlewareFunc("SkepTurn", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		change, ok := in.Parameters.(*route53.ChangeResourceRecordSetsInput)
		if !ok {
			return next.HandleInitialize(ctx, in)
		}
		release, err := budget.turns.take(ctx, "zone "+aws.ToString(change.HostedZoneId))
		if err != nil {
			return middleware.InitializeOutput{}, middleware.Metadata{}, unsent(fault.Fault{
				Kind: fault.Unavailable, Class: fault.Rate, Message: "gave up waiting for another change of the zone",
				Remedy: "Nothing to do: the call is made again.",
			}, err)
		}
		defer release()
		return next.HandleInitialize(ctx, in)
	})
}
