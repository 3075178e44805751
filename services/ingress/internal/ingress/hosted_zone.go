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

// HostedZone is the DNS zone of the cluster. Its name is not unique, but Route 53 keeps the caller reference of
// each create unique forever: it refuses a repeated create, and Observe finds the zone of the first by the
// reference. The reference starts with the uid of the cluster, which has one zone, so Observe also finds the
// zone after the ledger lost its token.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html
type HostedZone struct {
	graph.Node
	account
	Zone string
}

// NameServers is the attribute with the name servers of a zone, in alphabetical order and separated by commas.
const NameServers = "name-servers"

// Name implements graph.Resource.
func (h *HostedZone) Name() string { return "hosted-zone" }

// Needs implements graph.Resource.
func (h *HostedZone) Needs() []graph.Resource { return nil }

// IdempotentCreate implements graph.IdempotentCreate.
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
	h.setAttributes(out.HostedZone, out.DelegationSet)
	return graph.Ready, nil
}

// find searches for the zone by its caller reference and sets the ID if it finds it. It searches the zones with
// its name, or, during a delete, when the name is unknown, all zones of the account.
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

// reference returns the caller reference: the uid of the cluster and the token of the attempt.
func (h *HostedZone) reference() string { return h.owner.Cluster + "/" + h.Token() }

// zonesNamed returns the public zones with this name. It reads one page of 100 zones: more of one name are not
// expected.
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

// zoneID returns the id of a zone without the prefix /hostedzone/ that some responses have.
func zoneID(zone types.HostedZone) string {
	return strings.TrimPrefix(aws.ToString(zone.Id), "/hostedzone/")
}

func (h *HostedZone) setAttributes(zone *types.HostedZone, set *types.DelegationSet) {
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
		HostedZoneConfig: &types.HostedZoneConfig{Comment: aws.String("Created by Skep for " + h.owner.ClusterName + ".")},
	})
	if errorclass.Code(err) == "HostedZoneAlreadyExists" {
		// An earlier create whose response was lost created the zone.
		return h.Observe(ctx)
	}
	if err != nil {
		return graph.Absent, err
	}
	h.setAttributes(out.HostedZone, out.DelegationSet)
	return graph.Ready, nil
}

// foreignShown is the maximum number of foreign records that a fault names.
const foreignShown = 5

// Delete implements graph.Resource. A zone with records of other creators stays, and the fault names those records.
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
		Message: fmt.Sprintf("zone %s has records of other creators: %s", h.ID(), strings.Join(foreign, ", ")),
		Remedy:  "Delete these records and stop the controller that creates them, such as external-dns. Skep then deletes the zone."}
}

// foreign returns name and type of every record set except the SOA and NS records of the zone itself. The
// records of Skep are deleted before their zone. Only the apex of a zone has an SOA record, so an NS record
// with the name of the SOA record is that of the zone itself.
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
	var apex string
	for _, set := range sets {
		if set.Type == types.RRTypeSoa {
			apex = aws.ToString(set.Name)
		}
	}
	var names []string
	for _, set := range sets {
		if set.Type == types.RRTypeSoa || set.Type == types.RRTypeNs && aws.ToString(set.Name) == apex {
			continue
		}
		names = append(names, plainName(aws.ToString(set.Name))+" "+string(set.Type))
	}
	return names, nil
}
