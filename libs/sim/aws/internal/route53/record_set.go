package route53

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// recordSet holds all records of one name and type, or an alias instead. Routing policies are not simulated.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html
type recordSet struct {
	Zone, Name string
	Type       types.RRType
	TTL        int64
	Values     []string
	Alias      *types.AliasTarget
}

// Owner implements engine.Attributes.
func (s recordSet) Owner() string { return s.Zone }

// DisplayName implements engine.Named.
func (s recordSet) DisplayName() string { return s.Name }

// Summary implements engine.Attributes.
func (s recordSet) Summary(func(id string) string) string {
	if s.Alias != nil {
		return fmt.Sprintf("%s alias", s.Type)
	}
	return fmt.Sprintf("%s of %d for %ds", s.Type, len(s.Values), s.TTL)
}

// id returns the id under which the engine stores a record set.
func (s recordSet) id() string { return s.Zone + " " + s.Name + " " + string(s.Type) }

// order returns the sort key of a record set in its zone.
func (s recordSet) order() string { return sortKey(s.Name) + " " + string(s.Type) }

var recordSets = engine.NewType[recordSet](engine.Type{Service: "Route 53", Name: "RecordSet", Global: true})

func handleRecordSet(s *engine.Service) {
	engine.Handle(s, "ListResourceRecordSets", engine.Fields{"HostedZoneId", "MaxItems", "StartRecordName", "StartRecordType"}, listResourceRecordSets)
}

// apexRecords returns the record sets that AWS creates with a zone.
func apexRecords(c *engine.Call, r *engine.Resource[hostedZone]) []recordSet {
	servers := nameServers(c, r)
	soa := servers[0] + ". awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"
	ns := recordSet{Zone: r.ID, Name: r.Data.Name, Type: types.RRTypeNs, TTL: 172800}
	for _, server := range servers {
		ns.Values = append(ns.Values, server+".")
	}
	return []recordSet{ns, {Zone: r.ID, Name: r.Data.Name, Type: types.RRTypeSoa, TTL: 900, Values: []string{soa}}}
}

// listResourceRecordSets sorts by name, labels from right to left, and type.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html
func listResourceRecordSets(c *engine.Call, in *route53.ListResourceRecordSetsInput) (*route53.ListResourceRecordSetsOutput, error) {
	_, z, err := findHostedZone(c, in.HostedZoneId)
	if err != nil {
		return nil, err
	}
	sets := apexRecords(c, z)
	for _, r := range recordSets.OwnedBy(c, z.ID) {
		sets = append(sets, r.Data)
	}
	slices.SortFunc(sets, func(a, b recordSet) int { return cmp.Compare(a.order(), b.order()) })
	switch {
	case in.StartRecordName != nil:
		start := recordSet{Name: canonicalName(*in.StartRecordName), Type: in.StartRecordType}.order()
		sets = slices.DeleteFunc(sets, func(s recordSet) bool { return s.order() < start })
	case in.StartRecordType != "":
		return nil, engine.Refuse("InvalidInput", "A start record type needs a start record name")
	}
	limit := 300
	if in.MaxItems != nil {
		limit = min(limit, int(*in.MaxItems))
	}
	out := &route53.ListResourceRecordSetsOutput{MaxItems: aws.Int32(int32(limit))}
	if len(sets) > limit {
		out.IsTruncated, out.NextRecordName, out.NextRecordType = true, aws.String(sets[limit].Name), sets[limit].Type
		sets = sets[:limit]
	}
	for _, s := range sets {
		out.ResourceRecordSets = append(out.ResourceRecordSets, s.show())
	}
	return out, nil
}

// show describes a record set. Route 53 escapes the star of a wildcard.
func (s recordSet) show() types.ResourceRecordSet {
	shown := types.ResourceRecordSet{Name: aws.String(strings.Replace(s.Name, "*", `\052`, 1)), Type: s.Type}
	if s.Alias != nil {
		alias := *s.Alias
		shown.AliasTarget = &alias
		return shown
	}
	shown.TTL = aws.Int64(s.TTL)
	for _, value := range s.Values {
		shown.ResourceRecords = append(shown.ResourceRecords, types.ResourceRecord{Value: aws.String(value)})
	}
	return shown
}
