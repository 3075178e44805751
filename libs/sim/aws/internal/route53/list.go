package route53

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

func handleHostedZoneList(s *engine.Service) {
	engine.Handle(s, "ListHostedZones", engine.Fields{"Marker", "MaxItems"}, listHostedZones)
	engine.Handle(s, "ListHostedZonesByName", engine.Fields{"DNSName", "HostedZoneId", "MaxItems"}, listHostedZonesByName)
}

// zonePage is the largest number of zones in one answer.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZones.html
const zonePage = 100

func listHostedZones(c *engine.Call, in *route53.ListHostedZonesInput) (*route53.ListHostedZonesOutput, error) {
	resources, next, err := engine.Page(allHostedZones(c), in.MaxItems, zonePage, in.Marker)
	if err != nil {
		return nil, err
	}
	out := &route53.ListHostedZonesOutput{IsTruncated: next != nil, NextMarker: next, Marker: in.Marker, MaxItems: aws.Int32(zonePage)}
	for _, r := range resources {
		out.HostedZones = append(out.HostedZones, showZone(c, r))
	}
	return out, nil
}

// listHostedZonesByName begins at a name, and continues with zones of other names. It sorts by labels from right to
// left.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHostedZonesByName.html
func listHostedZonesByName(c *engine.Call, in *route53.ListHostedZonesByNameInput) (*route53.ListHostedZonesByNameOutput, error) {
	resources := allHostedZones(c)
	slices.SortStableFunc(resources, func(a, b *engine.Resource[hostedZone]) int {
		return cmp.Or(cmp.Compare(sortKey(a.Data.Name), sortKey(b.Data.Name)), cmp.Compare(a.ID, b.ID))
	})
	if in.DNSName != nil {
		start := sortKey(canonicalName(*in.DNSName))
		after := strings.TrimPrefix(aws.ToString(in.HostedZoneId), "/hostedzone/")
		resources = slices.DeleteFunc(resources, func(r *engine.Resource[hostedZone]) bool {
			name := sortKey(r.Data.Name)
			return name < start || name == start && r.ID < after
		})
	}
	limit := zonePage
	if in.MaxItems != nil {
		limit = min(limit, int(*in.MaxItems))
	}
	out := &route53.ListHostedZonesByNameOutput{DNSName: in.DNSName, HostedZoneId: in.HostedZoneId, MaxItems: aws.Int32(int32(limit))}
	if len(resources) > limit {
		out.IsTruncated, out.NextDNSName, out.NextHostedZoneId = true, aws.String(resources[limit].Data.Name), aws.String(resources[limit].ID)
		resources = resources[:limit]
	}
	for _, r := range resources {
		out.HostedZones = append(out.HostedZones, showZone(c, r))
	}
	return out, nil
}

// sortKey reverses the labels of a name, "com.example.www", because Route 53 sorts names by that.
func sortKey(name string) string {
	labels := strings.Split(strings.TrimSuffix(name, "."), ".")
	slices.Reverse(labels)
	return strings.Join(labels, ".") + "."
}
