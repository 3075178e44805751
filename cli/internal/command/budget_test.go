package command_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"

	"github.com/skep-dev/skep/libs/platform/fault"
)

func (s *server) GetBudget(_ context.Context, in *identityv1.GetBudgetRequest) (*identityv1.GetBudgetResponse, error) {
	for _, b := range s.budgets {
		if b.GetName() == in.GetName() {
			return &identityv1.GetBudgetResponse{Budget: b}, nil
		}
	}
	return nil, fault.NotFoundf("budget %q does not exist: Skep has made no calls", in.GetName())
}

// ListBudgets returns one budget per page.
func (s *server) ListBudgets(_ context.Context, in *identityv1.ListBudgetsRequest) (*identityv1.ListBudgetsResponse, error) {
	if err := s.receive(in); err != nil || len(s.budgets) == 0 {
		return &identityv1.ListBudgetsResponse{}, err
	}
	if in.GetPageToken() == "" {
		return &identityv1.ListBudgetsResponse{Budgets: s.budgets[:1], NextPageToken: "more"}, nil
	}
	return &identityv1.ListBudgetsResponse{Budgets: s.budgets[1:]}, nil
}

func TestBudgetTableHasOneRowPerBucket(t *testing.T) {
	t.Parallel()
	s := &server{budgets: []*identityv1.Budget{
		{Name: "organizations/demo/accounts/main/budgets/eu-central-1-ec2", Region: "eu-central-1", Service: "ec2", Buckets: []*identityv1.TokenBucket{
			{Family: "CreateVpc", Burst: 50, RefillRate: 5, RefillShare: 0.5, Level: 3.25, LastMinuteCount: 12, LastHourCount: 340, WaitingCount: 7, ThrottleCount: 1,
				Consumers: []*identityv1.TokenBucket_Consumer{{Service: "network", Owner: "organizations/demo/networks/orchid", LastHourCount: 120}}},
			{Family: "DescribeVpcs", Burst: 100, RefillRate: 20, RefillShare: 1, Level: 90,
				Consumers: []*identityv1.TokenBucket_Consumer{{Service: "network", LastHourCount: 4}}},
		}},
		{Name: "organizations/demo/accounts/main/budgets/global-route53", Region: "global", Service: "route53", Buckets: []*identityv1.TokenBucket{
			{Family: "all", Burst: 5, RefillRate: 5, RefillShare: 1, Level: 3},
		}},
	}}
	inBubble(t, s, func(t *testing.T, run func(...string) result) {
		for _, format := range []string{"table", "json", "yaml", "name"} {
			golden(t, "budget-list-"+format, run("budget", "list", "-o", format).String())
		}
		golden(t, "budget-get", run("budget", "get", "main/eu-central-1-ec2").String())
		golden(t, "budget-get-missing", run("budget", "get", "main/eu-west-1-ec2").String())
		require.Equal(t, run("budget", "get", "main/global-route53"), run("budget", "get", "organizations/demo/accounts/main/budgets/global-route53"))
		run("budget", "list", "--account", "installation")
		run("budgets", "ls", "-A", "--filter", `service = "ec2"`)
	})
	last := s.got[len(s.got)-1].(*identityv1.ListBudgetsRequest)
	require.Equal(t, "organizations/-/accounts/-", last.GetParent())
	require.Equal(t, `service = "ec2"`, last.GetFilter())
	require.Equal(t, "installation", s.got[len(s.got)-3].(*identityv1.ListBudgetsRequest).GetParent())
}
