package ingress

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// HostedZone is the cluster's own DNS zone. Its name is not unique, but the
// caller reference of its create is, for ever: a create that is repeated is
// refused, and the first one's zone is found by it. The reference begins with the
// cluster, which has one zone: one that was made before all was forgotten but the
// cluster is found too.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html
type HostedZone struct {
	graph.Node
	account
	Zone string
}

// NameServers is the attribute that lists the name servers of a zone, separated
// by commas, in the order of the alphabet.
const NameServers = "name-servers"

// Name implements graph.Resource.
func (h *HostedZone) Name() string { return "hosted-zone" }

// Needs implements graph.Resource.
func (h *HostedZone) Needs() []graph.Resource { return nil }

// IdempotentCreate implements graph.Repeatable.
func (h *HostedZone) IdempotentCreate() {}

// Observe implements graph.Resource.
func (h *HostedZone) Observe(ctx context.Context) (graph.State, error) {
	if h.ID() == "" {
		if err := h.find(ctx); err != nil || h.ID() == "" {
			return graph.Absent, err
		}
	}
	out, err := h.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: aws.String(h.ID())})
	if err != nil {
		return graph.Absent, errorclass.IgnoreNotFound(err)
	}
	h.remember(out.HostedZone, out.DelegationSet)
	return graph.Ready, nil
}

// find looks the zone up by its caller reference: among the zones of its name,
// or, in a deletion that knows no name, among all.
func (h *HostedZone) find(ctx context.Context) error {
	if h.Zone != "" {
		zones, err := zonesNamed(ctx, h, h.Zone)
		h.pick(zones)
		return err
	}
	pages := route53.NewListHostedZonesPaginator(h, &route53.ListHostedZonesInput{})
	for pages.HasMorePages() && h.ID() == "" {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		h.pick(page.HostedZones)
	}
	return nil
}

func (h *HostedZone) pick(zones []types.HostedZone) {
	for _, zone := range zones {
		switch reference := aws.ToString(zone.CallerReference); {
		case reference == h.reference():
			h.SetID(zoneID(zone))
			return
		case h.ID() == "" && strings.HasPrefix(reference, h.owner.Cluster+"/"):
			h.SetID(zoneID(zone))
		}
	}
}

// reference is the caller reference: the cluster's, and the attempt's.
func (h *HostedZone) reference() string { return h.owner.Cluster + "/" + h.Token() }

// zonesNamed are the public zones of a name. There are rarely two, so that one
// page holds them.
func zonesNamed(ctx context.Context, api Route53, name string) ([]types.HostedZone, error) {
	out, err := api.ListHostedZonesByName(ctx, &route53.ListHostedZonesByNameInput{DNSName: aws.String(name)})
	if err != nil {
		return nil, err
	}
	var zones []types.HostedZone
	for _, zone := range out.HostedZones {
		if plainName(aws.ToString(zone.Name)) == name && (zone.Config == nil || !zone.Config.PrivateZone) {
			zones = append(zones, zone)
		}
	}
	return zones, nil
}

// zoneID is the id of a zone without the path that some answers lead it with.
func zoneID(zone types.HostedZone) string {
	return strings.TrimPrefix(aws.ToString(zone.Id), "/hostedzone/")
}

func (h *HostedZone) remember(zone *types.HostedZone, set *types.DelegationSet) {
	h.SetID(zoneID(*zone))
	if set != nil {
		h.SetAttribute(NameServers, nameServers(set.NameServers))
	}
}

// Create implements graph.Resource.
func (h *HostedZone) Create(ctx context.Context) (graph.State, error) {
	out, err := h.CreateHostedZone(ctx, &route53.CreateHostedZoneInput{
		Name:             aws.String(h.Zone),
		CallerReference:  aws.String(h.reference()),
		HostedZoneConfig: &types.HostedZoneConfig{Comment: aws.String("Made by Skep for " + h.owner.ClusterName + ".")},
	})
	if errorclass.Code(err) == "HostedZoneAlreadyExists" {
		// An earlier create did it.
		return h.Observe(ctx)
	}
	if err != nil {
		return graph.Absent, err
	}
	h.remember(out.HostedZone, out.DelegationSet)
	return graph.Ready, nil
}

// foreignShown is how many foreign records a fault names.
const foreignShown = 5

// Delete implements graph.Resource. Records that others left in the zone are not
// Skep's to delete: the fault names them.
func (h *HostedZone) Delete(ctx context.Context) error {
	_, err := h.DeleteHostedZone(ctx, &route53.DeleteHostedZoneInput{Id: aws.String(h.ID())})
	if errorclass.Code(err) != "HostedZoneNotEmpty" {
		return errorclass.IgnoreNotFound(err)
	}
	foreign, err := h.foreign(ctx)
	if err != nil {
		return errorclass.IgnoreNotFound(err)
	}
	if len(foreign) > foreignShown {
		foreign = append(foreign[:foreignShown], "…")
	}
	return &fault.Fault{Kind: fault.Precondition, Class: fault.Dependency,
		Message: fmt.Sprintf("zone %s has records that Skep did not make: %s", h.ID(), strings.Join(foreign, ", ")),
		Remedy:  "Remove these records, or stop what makes them, such as external-dns; the zone is then deleted by itself."}
}

// foreign lists what is in the zone beside its own SOA and NS records. Skep's
// records are gone before their zone. Only the top of a zone has an SOA record, so
// an NS record is the zone's own if it has the name of that.
func (h *HostedZone) foreign(ctx context.Context) ([]string, error) {
	var sets []types.ResourceRecordSet
	pages := route53.NewListResourceRecordSetsPaginator(h, &route53.ListResourceRecordSetsInput{HostedZoneId: aws.String(h.ID())})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		sets = append(sets, page.ResourceRecordSets...)
	}
	var top string
	for _, set := range sets {
		if set.Type == types.RRTypeSoa {
			top = aws.ToString(set.Name)
		}
	}
	var names []string
	for _, set := range sets {
		if set.Type == types.RRTypeSoa || set.Type == types.RRTypeNs && aws.ToString(set.Name) == top {
			continue
		}
		names = append(names, plainName(aws.ToString(set.Name))+" "+string(set.Type))
	}
	return names, nil
}
