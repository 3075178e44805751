package route53

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// change is a change that propagates to the name servers.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetChange.html
type change struct{ Comment string }

// Owner implements engine.Attributes.
func (d change) Owner() string { return "" }

// Summary implements engine.Attributes.
func (d change) Summary(func(id string) string) string { return d.Comment }

var changes = engine.NewType[change](engine.Type{Service: "Route 53", Name: "Change", Global: true, Hidden: true})

func handleChanges(s *engine.Service) {
	engine.Handle(s, "GetChange", engine.Fields{"Id"}, getChange)
}

// submitChange records a change.
func submitChange(c *engine.Call, comment string) *types.ChangeInfo {
	id := "C0" + strings.ToUpper(c.NextSerial("change", 19))
	r := changes.Create(c, id, change{comment}, nil)
	r.ReadyAt = c.After(latency.ChangeInSync, id)
	changes.Put(c, r)
	return showChange(c, r)
}

func getChange(c *engine.Call, in *route53.GetChangeInput) (*route53.GetChangeOutput, error) {
	id := strings.TrimPrefix(aws.ToString(in.Id), "/change/")
	r, ok := changes.Find(c, id)
	if !ok {
		return nil, engine.Refuse("NoSuchChange", "Could not find resource with ID: %s", id)
	}
	return &route53.GetChangeOutput{ChangeInfo: showChange(c, r)}, nil
}

func showChange(c *engine.Call, r *engine.Resource[change]) *types.ChangeInfo {
	status := types.ChangeStatusPending
	if r.Ready(c.Now()) {
		status = types.ChangeStatusInsync
	}
	return &types.ChangeInfo{Id: aws.String("/change/" + r.ID), Status: status, SubmittedAt: aws.Time(r.CreatedAt), Comment: engine.Optional(r.Data.Comment)}
}
