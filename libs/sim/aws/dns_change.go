package aws

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// dnsChange is a change on its way to all name servers.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetChange.html
type dnsChange struct{ Comment string }

func (d dnsChange) owner() string                      { return "" }
func (d dnsChange) text(func(id string) string) string { return d.Comment }

var dnsChanges = register(kind[dnsChange]{service: "Route 53", name: "Change", global: true, hidden: true})

func init() {
	handle("Route 53", "GetChange", fields{"Id"}, getChange)
}

// submit notes a change.
func (c *call) submit(comment string) *types.ChangeInfo {
	c.w.seq++
	id := "C0" + strings.ToUpper(c.serial("change", 19))
	r := dnsChanges.create(c, id, dnsChange{comment}, nil)
	r.ReadyAt = c.now().Add(c.w.latency("Change/insync", id))
	dnsChanges.put(c, r)
	return c.showChange(r)
}

func getChange(c *call, in *route53.GetChangeInput) (*route53.GetChangeOutput, error) {
	id := strings.TrimPrefix(aws.ToString(in.Id), "/change/")
	r, ok := dnsChanges.in(c.w, dnsChanges.scope(c)).byID[id]
	if !ok {
		return nil, refuse("NoSuchChange", "Could not find resource with ID: %s", id)
	}
	return &route53.GetChangeOutput{ChangeInfo: c.showChange(r)}, nil
}

func (c *call) showChange(r *row[dnsChange]) *types.ChangeInfo {
	status := types.ChangeStatusPending
	if r.ready(c.now()) {
		status = types.ChangeStatusInsync
	}
	return &types.ChangeInfo{Id: aws.String("/change/" + r.ID), Status: status, SubmittedAt: aws.Time(r.CreatedAt), Comment: optional(r.Data.Comment)}
}
