package aws

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// dnsChange is a change on its way to all name servers.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetChange.html
type dnsChange struct{ Comment string }

func (d dnsChange) Owner() string                         { return "" }
func (d dnsChange) Summary(func(id string) string) string { return d.Comment }

var dnsChanges = engine.NewType[dnsChange](engine.Type{Service: "Route 53", Name: "Change", Global: true, Hidden: true})

func handleDnsChange(s *engine.Service) {
	engine.Handle(s, "GetChange", engine.Fields{"Id"}, getChange)
}

// submitChange notes a change.
func submitChange(c *engine.Call, comment string) *types.ChangeInfo {
	id := "C0" + strings.ToUpper(c.NextSerial("change", 19))
	r := dnsChanges.Create(c, id, dnsChange{comment}, nil)
	r.ReadyAt = c.After(latency.ChangeInSync, id)
	dnsChanges.Put(c, r)
	return showChange(c, r)
}

func getChange(c *engine.Call, in *route53.GetChangeInput) (*route53.GetChangeOutput, error) {
	id := strings.TrimPrefix(aws.ToString(in.Id), "/change/")
	r, ok := dnsChanges.Find(c, id)
	if !ok {
		return nil, engine.Refuse("NoSuchChange", "Could not find resource with ID: %s", id)
	}
	return &route53.GetChangeOutput{ChangeInfo: showChange(c, r)}, nil
}

func showChange(c *engine.Call, r *engine.Resource[dnsChange]) *types.ChangeInfo {
	status := types.ChangeStatusPending
	if r.Ready(c.Now()) {
		status = types.ChangeStatusInsync
	}
	return &types.ChangeInfo{Id: aws.String("/change/" + r.ID), Status: status, SubmittedAt: aws.Time(r.CreatedAt), Comment: engine.Optional(r.Data.Comment)}
}
