package aws

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// hostedZone is a public DNS zone. Its SOA and NS records at the apex come with it and cannot be changed here. Private zones
// are not simulated.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zones-working-with.html
type hostedZone struct {
	Name      string // with the dot at the end
	Reference string
	Comment   string
	Changed   int64 // when records were changed last, in Unix nanoseconds
}

func (z hostedZone) owner() string                      { return "" }
func (z hostedZone) name() string                       { return z.Name }
func (z hostedZone) text(func(id string) string) string { return z.Comment }

// hostedZones are the zones that were asked for; plantedZones were there before. Ids are unique over both.
var (
	hostedZones  = register(kind[hostedZone]{service: "Route 53", name: "HostedZone", global: true})
	plantedZones = register(kind[hostedZone]{service: "Route 53", name: "PlantedHostedZone", global: true, hidden: true})
)

// reference is a caller reference, which is good for one zone and never again.
type reference struct{ Zone string }

func (r reference) owner() string                      { return "" }
func (r reference) text(func(id string) string) string { return r.Zone }

var references = register(kind[reference]{service: "Route 53", name: "CallerReference", global: true, hidden: true})

func init() {
	handle("Route 53", "CreateHostedZone", fields{"CallerReference", "Name", "HostedZoneConfig"}, createHostedZone)
	handle("Route 53", "GetHostedZone", fields{"Id"}, getHostedZone)
	handle("Route 53", "DeleteHostedZone", fields{"Id"}, deleteHostedZone)
}

// PlantHostedZone gives an account a zone that was there before, such as the parent of those to come. It returns the id.
// The zone itself counts in neither World.String nor World.Empty nor the ledger; records that are made in it do. Planting
// it again changes nothing. It fails only on a journal that cannot be written.
func (w *World) PlantHostedZone(account, name string) (string, error) {
	w.enter()
	defer w.mu.Unlock()
	c := w.by(byAWS, scope{account, global})
	name = dnsForm(name)
	for _, r := range plantedZones.list(c) {
		if r.Data.Name == name {
			return r.ID, nil
		}
	}
	w.seq++
	r := plantedZones.create(c, c.zoneID(), hostedZone{Name: name, Reference: "planted"}, nil)
	return r.ID, c.keep()
}

func (c *call) zoneID() string { return "Z0" + strings.ToUpper(c.serial("zone", 19)) }

// zoneOf finds a zone, planted or not.
func (c *call) zoneOf(id *string) (*kind[hostedZone], *row[hostedZone], error) {
	bare := strings.TrimPrefix(aws.ToString(id), "/hostedzone/")
	for _, k := range []*kind[hostedZone]{hostedZones, plantedZones} {
		if r, ok := k.in(c.w, k.scope(c)).byID[bare]; ok && k.visible(c, r) {
			return k, r, nil
		}
	}
	return nil, nil, refuse("NoSuchHostedZone", "No hosted zone found with ID: %s", bare)
}

// zones are all zones of the account, planted or not.
func (c *call) zones() []*row[hostedZone] {
	all := append(hostedZones.list(c), plantedZones.list(c)...)
	slices.SortFunc(all, func(a, b *row[hostedZone]) int { return int(a.Seq) - int(b.Seq) })
	return all
}

// dnsForm is a name as Route 53 keeps it: lower case, with a dot at the end.
func dnsForm(name string) string { return strings.TrimSuffix(strings.ToLower(name), ".") + "." }

var domainName = regexp.MustCompile(`^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+$`)

// createHostedZone refuses a caller reference that was used before, whatever for.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html
func createHostedZone(c *call, in *route53.CreateHostedZoneInput) (*route53.CreateHostedZoneOutput, error) {
	z := hostedZone{Name: dnsForm(aws.ToString(in.Name)), Reference: aws.ToString(in.CallerReference)}
	if in.HostedZoneConfig != nil {
		guard(c.Operation, in.HostedZoneConfig, "Comment")
		z.Comment = aws.ToString(in.HostedZoneConfig.Comment)
	}
	switch {
	case !domainName.MatchString(z.Name) || len(z.Name) > 255:
		return nil, refuse("InvalidDomainName", "%s is not a valid domain name", aws.ToString(in.Name))
	case z.Reference == "" || len(z.Reference) > 128:
		return nil, refuse("InvalidInput", "The caller reference has to have 1 to 128 characters")
	case references.has(c, z.Reference):
		return nil, refuse("HostedZoneAlreadyExists", "A hosted zone has already been created with the specified caller reference.")
	}
	if err := c.full("HostedZonesPerAccount", len(c.zones()), "TooManyHostedZones", "The maximum number of hosted zones has been reached"); err != nil {
		return nil, err
	}
	c.w.seq++
	r := hostedZones.create(c, c.zoneID(), z, map[string]string{})
	references.create(c, z.Reference, reference{r.ID}, nil)
	return &route53.CreateHostedZoneOutput{
		HostedZone: new(c.showZone(r)), DelegationSet: &types.DelegationSet{NameServers: c.nameServers(r)}, ChangeInfo: c.submit(""),
		Location: aws.String("https://route53.amazonaws.com/2013-04-01/hostedzone/" + r.ID),
	}, nil
}

// nameServers are the four servers of a zone.
func (c *call) nameServers(r *row[hostedZone]) []string {
	id := c.w.uuid("delegation", r.Seq)
	var servers []string
	for n, top := range []string{"com", "net", "org", "co.uk"} {
		servers = append(servers, fmt.Sprintf("ns-%d.awsdns-%02d.%s", n*512+int(id[n])*2, id[n+4]%64, top))
	}
	return servers
}

func getHostedZone(c *call, in *route53.GetHostedZoneInput) (*route53.GetHostedZoneOutput, error) {
	_, r, err := c.zoneOf(in.Id)
	if err != nil {
		return nil, err
	}
	return &route53.GetHostedZoneOutput{HostedZone: new(c.showZone(r)), DelegationSet: &types.DelegationSet{NameServers: c.nameServers(r)}}, nil
}

// deleteHostedZone refuses while there are records of anybody's making.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_DeleteHostedZone.html
func deleteHostedZone(c *call, in *route53.DeleteHostedZoneInput) (*route53.DeleteHostedZoneOutput, error) {
	k, r, err := c.zoneOf(in.Id)
	if err != nil {
		return nil, err
	}
	if len(recordSets.of(c, r.ID)) > 0 {
		return nil, refuse("HostedZoneNotEmpty", "The specified hosted zone contains non-required resource record sets and so cannot be deleted.")
	}
	k.delete(c, r)
	return &route53.DeleteHostedZoneOutput{ChangeInfo: c.submit("")}, nil
}

func (c *call) showZone(r *row[hostedZone]) types.HostedZone {
	return types.HostedZone{
		Id: aws.String("/hostedzone/" + r.ID), Name: aws.String(r.Data.Name), CallerReference: aws.String(r.Data.Reference),
		Config:                 &types.HostedZoneConfig{Comment: optional(r.Data.Comment)},
		ResourceRecordSetCount: aws.Int64(int64(len(recordSets.of(c, r.ID)) + 2)),
	}
}
