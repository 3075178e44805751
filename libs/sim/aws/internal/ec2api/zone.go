package ec2api

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// Zone is an availability zone. Every region has three, a to c, and the ids are the same in all accounts.
type Zone struct{ Name, ID string }

// Owner implements engine.Attributes.
func (z Zone) Owner() string { return "" }

// Summary implements engine.Attributes.
func (z Zone) Summary(func(id string) string) string { return z.ID }

// zoneList is the type of the resources of DescribeAvailabilityZones. They follow from the name of the region and are never
// stored.
var zoneList = engine.NewType[Zone](engine.Type{Service: "EC2", Name: "AvailabilityZone"})

var zoneFilters = Filters[Zone]{
	"zone-name":   ByText(func(z Zone) string { return z.Name }),
	"zone-id":     ByText(func(z Zone) string { return z.ID }),
	"region-name": func(c *engine.Call, _ *engine.Resource[Zone]) []string { return []string{c.Region} },
	"group-name":  func(c *engine.Call, _ *engine.Resource[Zone]) []string { return []string{c.Region} },
	"state":       func(*engine.Call, *engine.Resource[Zone]) []string { return []string{"available"} },
	"zone-type":   func(*engine.Call, *engine.Resource[Zone]) []string { return []string{"availability-zone"} },
	"opt-in-status": func(*engine.Call, *engine.Resource[Zone]) []string {
		return []string{"opt-in-not-required"}
	},
}

// Zones returns the zones of a region: eu-central-1a with the id euc1-az1, and so on.
// https://docs.aws.amazon.com/global-infrastructure/latest/regions/az-ids.html
func Zones(region string) []Zone {
	parts := strings.Split(region, "-")
	short := parts[0]
	for _, part := range parts[1:] {
		switch {
		case strings.HasPrefix(part, "north") && len(part) > 5, strings.HasPrefix(part, "south") && len(part) > 5:
			short += part[:1] + part[5:6]
		default:
			short += part[:1]
		}
	}
	var zones []Zone
	for i, letter := range []string{"a", "b", "c"} {
		zones = append(zones, Zone{region + letter, fmt.Sprintf("%s-az%d", short, i+1)})
	}
	return zones
}

// FindZone finds a zone of the region by name or id. With neither it returns the first.
func FindZone(c *engine.Call, name, id *string) (Zone, error) {
	zones := Zones(c.Region)
	if name == nil && id == nil {
		return zones[0], nil
	}
	for _, z := range zones {
		if (name == nil || *name == z.Name) && (id == nil || *id == z.ID) {
			return z, nil
		}
	}
	return Zone{}, engine.InvalidParameter("availabilityZone", aws.ToString(name)+aws.ToString(id))
}

func handleZones(s *engine.Service) {
	engine.Handle(s, "DescribeAvailabilityZones", engine.Fields{"Filters", "ZoneIds", "ZoneNames", "AllAvailabilityZones"}, describeAvailabilityZones)
}

func describeAvailabilityZones(c *engine.Call, in *ec2.DescribeAvailabilityZonesInput) (*ec2.DescribeAvailabilityZonesOutput, error) {
	var resources []*engine.Resource[Zone]
	for _, z := range Zones(c.Region) {
		resources = append(resources, &engine.Resource[Zone]{Data: z})
	}
	q := Query{Filters: in.Filters}
	for filter, values := range map[string][]string{"zone-id": in.ZoneIds, "zone-name": in.ZoneNames} {
		for _, value := range values {
			if _, err := FindZone(c, choose(filter == "zone-name", value), choose(filter == "zone-id", value)); err != nil {
				return nil, err
			}
		}
		if len(values) > 0 {
			q.Filters = append(q.Filters[:len(q.Filters):len(q.Filters)], types.Filter{Name: aws.String(filter), Values: values})
		}
	}
	shown, _, err := Select(c, zoneList, zoneFilters, resources, q, func(c *engine.Call, r *engine.Resource[Zone]) types.AvailabilityZone {
		return types.AvailabilityZone{
			ZoneName: aws.String(r.Data.Name), ZoneId: aws.String(r.Data.ID), RegionName: aws.String(c.Region),
			GroupName: aws.String(c.Region), NetworkBorderGroup: aws.String(c.Region), ZoneType: aws.String("availability-zone"),
			State: types.AvailabilityZoneStateAvailable, OptInStatus: types.AvailabilityZoneOptInStatusOptInNotRequired,
		}
	})
	return &ec2.DescribeAvailabilityZonesOutput{AvailabilityZones: shown}, err
}

// choose returns a pointer to the value if wanted, else nil.
func choose(wanted bool, value string) *string {
	if !wanted {
		return nil
	}
	return &value
}
