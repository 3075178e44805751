package host

import (
	"context"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"

	"github.com/skep-dev/skep/libs/aws/ratelimit"
)

// source returns the source of a replica's API budget: the identity service, which shares
// one budget among all replicas. A host with its own credentials has a budget of its own.
func (h *Host) source(service, replica string) ratelimit.Source {
	if h.options.Issue != nil {
		return h.alone
	}
	return ratelimit.NewFallback(identityBudget{host: h, service: service, replica: replica}, h.options.TimeScale)
}

// identityBudget is the source that identity serves.
type identityBudget struct {
	host             *Host
	service, replica string
}

// Draw implements budget.Source.
func (s identityBudget) Draw(ctx context.Context, bucket ratelimit.Bucket, draw ratelimit.Draw) (ratelimit.Grant, error) {
	conn, err := s.host.Peer(identity)
	if err != nil {
		return ratelimit.Grant{}, err
	}
	out, err := identityv1.NewBudgetSourceServiceClient(conn).DrawBudget(ctx, &identityv1.DrawBudgetRequest{
		Budget: bucket.Budget(), Family: bucket.Family, Service: s.service, Replica: s.replica,
		Tokens: int32(draw.Tokens), SpareTokens: int32(draw.Spare), Priority: identityv1.Budget_Priority(draw.Priority),
		Owners: draw.Owners, WaitingCount: int32(draw.Waiting), ThrottleCount: int32(draw.Throttles),
	})
	if err != nil {
		return ratelimit.Grant{}, err
	}
	return ratelimit.Grant{
		Now: int(out.GetTokens()), Later: int(out.GetLaterTokens()),
		Delay: out.GetDelay().AsDuration(), Interval: out.GetInterval().AsDuration(),
		RetryAfter: out.GetRetryAfter().AsDuration(), Rate: out.GetRefillRate(), Others: int(out.GetOtherCount()),
	}, nil
}
