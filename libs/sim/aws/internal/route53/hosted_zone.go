package route53

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// hostedZone is a public DNS zone. AWS creates its SOA and NS records at the apex; here they cannot be changed. Private
// zones are not simulated.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zones-working-with.html
type hostedZone struct {
	Name      string // with the dot at the end
	Reference string
	Comment   string
	Changed   int64 // time of the last change of records, in Unix nanoseconds
}

// Owner implements engine.Attributes.
func (z hostedZone) Owner() string { return "" }

// DisplayName implements engine.Named.
func (z hostedZone) DisplayName() string { return z.Name }

// Summary implements engine.Attributes.
func (z hostedZone) Summary(func(id string) string) string { return z.Comment }

// hostedZones are created by the API, zoneFixtures by tests. Ids are unique over both.
var (
	hostedZones  = engine.NewType[hostedZone](engine.Type{Service: "Route 53", Name: "HostedZone", Global: true})
	zoneFixtures = engine.NewType[hostedZone](engine.Type{Service: "Route 53", Name: "HostedZoneFixture", Global: true, Hidden: true})
)

// callerReference is a caller reference that was used. It can be used only once.
type callerReference struct{ Zone string }

// Owner implements engine.Attributes.
func (r callerReference) Owner() string { return "" }

// Summary implements engine.Attributes.
func (r callerReference) Summary(func(id string) string) string { return r.Zone }

var callerReferences = engine.NewType[callerReference](engine.Type{Service: "Route 53", Name: "CallerReference", Global: true, Hidden: true})

func handleHostedZone(s *engine.Service) {
	engine.Handle(s, "CreateHostedZone", engine.Fields{"CallerReference", "Name", "HostedZoneConfig"}, createHostedZone)
	engine.Handle(s, "GetHostedZone", engine.Fields{"Id"}, getHostedZone)
	engine.Handle(s, "DeleteHostedZone", engine.Fields{"Id"}, deleteHostedZone)
}

// NewHostedZoneFixture adds a hosted zone that exists before any test, such as the parent of the zones of clusters, and
// returns its id. Neither the text, nor Empty, nor the ledger shows the zone; they do show records in it. If there is a
// fixture of that name already, NewHostedZoneFixture returns its id.
func NewHostedZoneFixture(c *engine.Call, name string) string {
	name = canonicalName(name)
	for _, r := range zoneFixtures.List(c) {
		if r.Data.Name == name {
			return r.ID
		}
	}
	c.AdvanceSerial()
	return zoneFixtures.Create(c, newZoneID(c), hostedZone{Name: name, Reference: "fixture"}, nil).ID
}

func newZoneID(c *engine.Call) string { return "Z0" + strings.ToUpper(c.Serial("zone", 19)) }

// findHostedZone finds a zone, fixtures included.
func findHostedZone(c *engine.Call, id *string) (*engine.ResourceType[hostedZone], *engine.Resource[hostedZone], error) {
	bare := strings.TrimPrefix(aws.ToString(id), "/hostedzone/")
	for _, k := range []*engine.ResourceType[hostedZone]{hostedZones, zoneFixtures} {
		if r, ok := k.Visible(c, bare); ok {
			return k, r, nil
		}
	}
	return nil, nil, engine.Refuse("NoSuchHostedZone", "No hosted zone found with ID: %s", bare)
}

// allHostedZones returns all zones of the account, fixtures included.
func allHostedZones(c *engine.Call) []*engine.Resource[hostedZone] {
	all := append(hostedZones.List(c), zoneFixtures.List(c)...)
	slices.SortFunc(all, func(a, b *engine.Resource[hostedZone]) int { return int(a.Seq) - int(b.Seq) })
	return all
}

// canonicalName returns a name as Route 53 stores it: in lower case, with a dot at the end.
func canonicalName(name string) string { return strings.TrimSuffix(strings.ToLower(name), ".") + "." }

var domainName = regexp.MustCompile(`^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+$`)

// createHostedZone refuses a caller reference that was used before.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html
func createHostedZone(c *engine.Call, in *route53.CreateHostedZoneInput) (*route53.CreateHostedZoneOutput, error) {
	z := hostedZone{Name: canonicalName(aws.ToString(in.Name)), Reference: aws.ToString(in.CallerReference)}
	if in.HostedZoneConfig != nil {
		engine.Guard(c.Operation, in.HostedZoneConfig, "Comment")
		z.Comment = aws.ToString(in.HostedZoneConfig.Comment)
	}
	switch {
	case !domainName.MatchString(z.Name) || len(z.Name) > 255:
		return nil, engine.Refuse("InvalidDomainName", "%s is not a valid domain name", aws.ToString(in.Name))
	case z.Reference == "" || len(z.Reference) > 128:
		return nil, engine.Refuse("InvalidInput", "The caller reference has to have 1 to 128 characters")
	case callerReferences.Exists(c, z.Reference):
		return nil, engine.Refuse("HostedZoneAlreadyExists", "A hosted zone has already been created with the specified caller reference.")
	}
	if err := c.CheckQuota("HostedZonesPerAccount", len(allHostedZones(c)), "TooManyHostedZones", "The maximum number of hosted zones has been reached"); err != nil {
		return nil, err
	}
	c.AdvanceSerial()
	r := hostedZones.Create(c, newZoneID(c), z, map[string]string{})
	callerReferences.Create(c, z.Reference, callerReference{r.ID}, nil)
	return &route53.CreateHostedZoneOutput{
		HostedZone: new(showZone(c, r)), DelegationSet: &types.DelegationSet{NameServers: nameServers(c, r)}, ChangeInfo: submitChange(c, ""),
		Location: aws.String("https://route53.amazonaws.com/2013-04-01/hostedzone/" + r.ID),
	}, nil
}

// nameServers returns the four name servers of a zone.
func nameServers(c *engine.Call, r *engine.Resource[hostedZone]) []string {
	id := c.UUID("delegation", r.Seq)
	var servers []string
	for n, top := range []string{"com", "net", "org", "co.uk"} {
		servers = append(servers, fmt.Sprintf("ns-%d.awsdns-%02d.%s", n*512+int(id[n])*2, id[n+4]%64, top))
	}
	return servers
}

func getHostedZone(c *engine.Call, in *route53.GetHostedZoneInput) (*route53.GetHostedZoneOutput, error) {
	_, r, err := findHostedZone(c, in.Id)
	if err != nil {
		return nil, err
	}
	return &route53.GetHostedZoneOutput{HostedZone: new(showZone(c, r)), DelegationSet: &types.DelegationSet{NameServers: nameServers(c, r)}}, nil
}

// deleteHostedZone refuses while there are records other than SOA and NS at the apex.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_DeleteHostedZone.html
func deleteHostedZone(c *engine.Call, in *route53.DeleteHostedZoneInput) (*route53.DeleteHostedZoneOutput, error) {
	k, r, err := findHostedZone(c, in.Id)
	if err != nil {
		return nil, err
	}
	if len(recordSets.OwnedBy(c, r.ID)) > 0 {
		return nil, engine.Refuse("HostedZoneNotEmpty", "The specified hosted zone contains non-required resource record sets and so cannot be deleted.")
	}
	k.Delete(c, r)
	return &route53.DeleteHostedZoneOutput{ChangeInfo: submitChange(c, "")}, nil
}

func showZone(c *engine.Call, r *engine.Resource[hostedZone]) types.HostedZone {
	return types.HostedZone{
		Id: aws.String("/hostedzone/" + r.ID), Name: aws.String(r.Data.Name), CallerReference: aws.String(r.Data.Reference),
		Config:                 &types.HostedZoneConfig{Comment: engine.Optional(r.Data.Comment)},
		ResourceRecordSetCount: aws.Int64(int64(len(recordSets.OwnedBy(c, r.ID)) + 2)),
	}
}
