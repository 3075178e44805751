package route53

import (
	"fmt"
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/elb"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

func handleChangeBatch(s *engine.Service) {
	engine.Handle(s, "ChangeResourceRecordSets", engine.Fields{"ChangeBatch", "HostedZoneId"}, changeResourceRecordSets)
}

// changeResourceRecordSets makes all changes of a batch, or none if one is invalid; the error then lists all invalid
// changes. It refuses a request that arrives while another one for the zone is in progress.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
func changeResourceRecordSets(c *engine.Call, in *route53.ChangeResourceRecordSetsInput) (*route53.ChangeResourceRecordSetsOutput, error) {
	k, z, err := findHostedZone(c, in.HostedZoneId)
	switch {
	case err != nil:
		return nil, err
	case c.At.UnixNano() < z.Data.Changed:
		return nil, engine.Refuse("PriorRequestNotComplete", "The request was rejected because Route 53 was still processing a prior request.")
	}
	if err := c.CheckQuota("ChangesPerBatch", len(in.ChangeBatch.Changes)-1, "InvalidChangeBatch", "[Number of records limit of 1000 exceeded.]"); err != nil {
		return nil, err
	}
	batch := batch{c: c, zone: z, sets: map[string]recordSet{}}
	for _, r := range recordSets.OwnedBy(c, z.ID) {
		batch.sets[r.ID] = r.Data
	}
	for _, change := range in.ChangeBatch.Changes {
		if fault := batch.apply(change); fault != "" {
			batch.faults = append(batch.faults, fault)
		}
	}
	batch.checkAliasNames()
	if len(batch.faults) > 0 {
		return nil, engine.Refuse("InvalidChangeBatch", "[%s]", strings.Join(batch.faults, ", "))
	}
	if err := c.CheckQuota("RecordSetsPerZone", len(batch.sets)-1, "InvalidChangeBatch", "[Number of records limit of the zone exceeded.]"); err != nil {
		return nil, err
	}
	batch.keep()
	z.Data.Changed = c.Now().UnixNano()
	k.Put(c, z)
	return &route53.ChangeResourceRecordSetsOutput{ChangeInfo: submitChange(c, aws.ToString(in.ChangeBatch.Comment))}, nil
}

// batch holds the desired record sets of a zone while a batch is applied.
type batch struct {
	c      *engine.Call
	zone   *engine.Resource[hostedZone]
	sets   map[string]recordSet
	faults []string
}

// apply makes one change, or returns what is wrong with it.
func (b *batch) apply(change types.Change) string {
	s, fault := b.read(change.ResourceRecordSet)
	if fault != "" {
		return fault
	}
	label := fmt.Sprintf("resource record set [name='%s', type='%s']", s.Name, s.Type)
	old, exists := b.sets[s.id()]
	switch change.Action {
	case types.ChangeActionCreate:
		if exists {
			return "Tried to create " + label + " but it already exists"
		}
	case types.ChangeActionDelete:
		switch {
		case !exists:
			return "Tried to delete " + label + " but it was not found"
		case !reflect.DeepEqual(old, s):
			return "Tried to delete " + label + " but the values provided do not match the current values"
		}
		delete(b.sets, s.id())
		return ""
	}
	for _, other := range b.sets {
		if other.Name == s.Name && other.Type != s.Type && (other.Type == types.RRTypeCname || s.Type == types.RRTypeCname) {
			return fmt.Sprintf("RRSet of type %s with DNS name %s is not permitted as it conflicts with other records with the same DNS name in zone %s", s.Type, s.Name, b.zone.Data.Name)
		}
	}
	b.sets[s.id()] = s
	return ""
}

// read parses a record set and makes the checks that need no other record set.
// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html
func (b *batch) read(in *types.ResourceRecordSet) (recordSet, string) {
	engine.Guard(b.c.Operation, in, "Name", "Type", "TTL", "ResourceRecords", "AliasTarget")
	zone := b.zone.Data.Name
	s := recordSet{Zone: b.zone.ID, Name: strings.Replace(canonicalName(aws.ToString(in.Name)), `\052`, "*", 1), Type: in.Type, TTL: aws.ToInt64(in.TTL)}
	for _, record := range in.ResourceRecords {
		s.Values = append(s.Values, aws.ToString(record.Value))
	}
	slices.Sort(s.Values)
	switch {
	case s.Name != zone && !strings.HasSuffix(s.Name, "."+zone):
		return s, fmt.Sprintf("RRSet with DNS name %s is not permitted in zone %s", s.Name, zone)
	case s.Name == zone && s.Type == types.RRTypeCname:
		return s, fmt.Sprintf("RRSet of type CNAME with DNS name %s is not permitted at apex in zone %s", s.Name, zone)
	case s.Name == zone && (s.Type == types.RRTypeNs || s.Type == types.RRTypeSoa):
		return s, fmt.Sprintf("A HostedZone must contain exactly one %s record set for the zone itself, which cannot be changed", s.Type)
	case !domainName.MatchString(strings.TrimPrefix(s.Name, "*.")):
		return s, fmt.Sprintf("FATAL problem: DomainLabelInvalid encountered with '%s'", s.Name)
	case in.AliasTarget != nil && (in.TTL != nil || len(s.Values) > 0):
		return s, "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords]]"
	case in.AliasTarget == nil && (in.TTL == nil || len(s.Values) == 0):
		return s, "Invalid request: Missing field 'TTL' or 'ResourceRecords'"
	}
	if in.AliasTarget != nil {
		alias := *in.AliasTarget
		alias.DNSName = aws.String(canonicalName(aws.ToString(alias.DNSName)))
		s.Alias = &alias
		return s, ""
	}
	for _, value := range s.Values {
		if fault := checkValue(s.Type, value); fault != "" {
			return s, fmt.Sprintf("Invalid Resource Record: 'FATAL problem: %s encountered with '%s''", fault, value)
		}
	}
	return s, ""
}

// checkValue returns what is wrong with a value of a record type, or "".
func checkValue(sort types.RRType, value string) string {
	switch sort {
	case types.RRTypeA:
		if ip, err := netip.ParseAddr(value); err != nil || !ip.Is4() {
			return "ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)"
		}
	case types.RRTypeAaaa:
		if ip, err := netip.ParseAddr(value); err != nil || !ip.Is6() {
			return "AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)"
		}
	case types.RRTypeTxt:
		if !strings.HasPrefix(value, `"`) || !strings.HasSuffix(value, `"`) {
			return "InvalidCharacterString (Value should be enclosed in quotation marks)"
		}
	case types.RRTypeNs, types.RRTypeCname:
		if !domainName.MatchString(canonicalName(value)) {
			return "RRDATAInvalidDomainName (Value is not a valid domain name)"
		}
	default:
		panic(fmt.Sprintf("awssim: record sets of type %s are not simulated", sort))
	}
	return ""
}

// checkAliasNames checks the targets of aliases: a load balancer in the zone of its region, or a record set of this
// zone.
func (b *batch) checkAliasNames() {
	for _, s := range b.sets {
		if s.Alias == nil {
			continue
		}
		name, zone := *s.Alias.DNSName, aws.ToString(s.Alias.HostedZoneId)
		here := recordSet{Zone: b.zone.ID, Name: name, Type: s.Type}
		_, sibling := b.sets[here.id()]
		inside := zone == b.zone.ID && sibling
		labels := strings.Split(strings.TrimSuffix(name, ".amazonaws.com."), ".")
		region := labels[len(labels)-1]
		if !inside && (!strings.HasSuffix(name, ".elb."+region+".amazonaws.com.") || zone != elb.HostedZoneID(region)) {
			b.faults = append(b.faults, fmt.Sprintf("Tried to create an alias that targets %s, type %s in zone %s, but the alias target name does not lie within the target zone", name, s.Type, zone))
		}
	}
	slices.Sort(b.faults)
}

// keep stores the record sets of the batch.
func (b *batch) keep() {
	for _, r := range recordSets.OwnedBy(b.c, b.zone.ID) {
		if _, wanted := b.sets[r.ID]; !wanted {
			recordSets.Delete(b.c, r)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(b.sets)) {
		r, exists := recordSets.Find(b.c, id)
		switch {
		case !exists:
			recordSets.Create(b.c, id, b.sets[id], nil)
		case !reflect.DeepEqual(r.Data, b.sets[id]):
			r.Data = b.sets[id]
			recordSets.Put(b.c, r)
		}
	}
}
