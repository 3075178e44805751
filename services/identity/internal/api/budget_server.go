package api

import (
	"context"
	"strings"

	"google.golang.org/protobuf/types/known/durationpb"

	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"

	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/platform/filter"
)

// BudgetServer serves BudgetService and BudgetSourceService.
type BudgetServer struct {
	identityv1.UnimplementedBudgetServiceServer
	identityv1.UnimplementedBudgetSourceServiceServer
	budgets *Budgets
}

// NewBudgetServer returns the server of the two services.
func NewBudgetServer(budgets *Budgets) *BudgetServer { return &BudgetServer{budgets: budgets} }

// DrawBudget implements BudgetSourceService.
func (s *BudgetServer) DrawBudget(ctx context.Context, in *identityv1.DrawBudgetRequest) (*identityv1.DrawBudgetResponse, error) {
	grant, err := s.budgets.Draw(ctx, in)
	if err != nil {
		return nil, err
	}
	out := &identityv1.DrawBudgetResponse{Tokens: int32(grant.Now), LaterTokens: int32(grant.Later), RefillRate: grant.Rate, OtherCount: int32(grant.Others)}
	if grant.Later > 0 {
		out.Delay, out.Interval = durationpb.New(grant.Delay), durationpb.New(grant.Interval)
	}
	if grant.RetryAfter > 0 {
		out.RetryAfter = durationpb.New(grant.RetryAfter)
	}
	return out, nil
}

// GetBudget implements BudgetService.
func (s *BudgetServer) GetBudget(_ context.Context, in *identityv1.GetBudgetRequest) (*identityv1.GetBudgetResponse, error) {
	record, ok := s.budgets.Bucket.Get(in.GetName())
	if !ok {
		return nil, fault.NotFoundf("budget %q does not exist: no call was made yet", in.GetName())
	}
	shown, err := s.budgets.show(record)
	if err != nil {
		return nil, err
	}
	return &identityv1.GetBudgetResponse{Budget: shown}, nil
}

// pageSize is the number of budgets on a page if the request has none.
const pageSize = 50

// ListBudgets implements BudgetService.
func (s *BudgetServer) ListBudgets(_ context.Context, in *identityv1.ListBudgetsRequest) (*identityv1.ListBudgetsResponse, error) {
	match, err := filter.Parse(in.GetFilter(), new(identityv1.Budget).ProtoReflect().Descriptor())
	if err != nil {
		return nil, err
	}
	token, err := filter.ParsePageToken(in)
	if err != nil {
		return nil, err
	}
	size := int(in.GetPageSize())
	if size == 0 {
		size = pageSize
	}
	out := new(identityv1.ListBudgetsResponse)
	for _, record := range s.budgets.Bucket.List("") {
		if record.Key <= token.After || !isChild(in.GetParent(), record.Key) {
			continue
		}
		shown, err := s.budgets.show(record)
		if err != nil {
			return nil, err
		}
		if !match.Match(shown) {
			continue
		}
		if len(out.GetBudgets()) == size {
			out.NextPageToken = token.Next(out.GetBudgets()[size-1].GetName())
			break
		}
		out.Budgets = append(out.Budgets, shown)
	}
	return out, nil
}

// isChild reports whether the parent of a name matches parent, in which the segment `-`
// matches every segment.
func isChild(parent, name string) bool {
	pattern, segments := strings.Split(parent, "/"), strings.Split(name, "/")
	if len(pattern)+2 != len(segments) {
		return false
	}
	for i, segment := range pattern {
		if segment != "-" && segment != segments[i] {
			return false
		}
	}
	return true
}
