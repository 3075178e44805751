package api

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/engine/definition"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/services/network/internal/network"
)

// validate checks the ranges of a network, in placeholder zones while it has none, and
// that no leftovers of another cluster are in it.
func validate(_ context.Context, old, desired *networkv1.Network) error {
	if err := checkTenant(old, desired); err != nil {
		return err
	}
	zones := zoneNames(desired)
	for i := len(zones); i < zoneCount(desired.GetSpec()); i++ {
		zones = append(zones, fmt.Sprintf("zone %d", i+1))
	}
	_, err := parseSpec(desired.GetSpec(), zones)
	return err
}

// prepare chooses the zones of a new network once and freezes them in the status: a zone
// that AWS adds later must never move existing subnets. It records the owning cluster.
func prepare(ctx context.Context, in definition.Preparation[*networkv1.Network]) (network.Spec, error) {
	r := in.Object
	recordTenant(r)
	if len(r.GetStatus().GetZones()) == 0 {
		config, err := in.Config(ctx)
		if err != nil {
			return network.Spec{}, err
		}
		zones, err := chooseZones(ctx, ec2.NewFromConfig(config), r.GetSpec())
		if err != nil {
			return network.Spec{}, err
		}
		r.Status.Zones = zones
	}
	return parseSpec(r.GetSpec(), zoneNames(r))
}

// chooseZones returns the first availability zones of the region, by name.
func chooseZones(ctx context.Context, api network.EC2, spec *networkv1.NetworkSpec) ([]*networkv1.Zone, error) {
	out, err := api.DescribeAvailabilityZones(ctx, &ec2.DescribeAvailabilityZonesInput{Filters: []types.Filter{
		{Name: aws.String("zone-type"), Values: []string{"availability-zone"}},
		{Name: aws.String("state"), Values: []string{"available"}},
	}})
	if err != nil {
		return nil, fmt.Errorf("choose zones: %w", err)
	}
	var zones []*networkv1.Zone
	for _, zone := range out.AvailabilityZones {
		zones = append(zones, &networkv1.Zone{Name: aws.ToString(zone.ZoneName), Id: aws.ToString(zone.ZoneId)})
	}
	slices.SortFunc(zones, func(a, b *networkv1.Zone) int { return cmp.Compare(a.GetName(), b.GetName()) })
	if len(zones) < zoneCount(spec) {
		return nil, fault.InvalidFields(fault.Field{Path: "spec.vpc.zones",
			Message: fmt.Sprintf("%s has only %d zones", spec.GetRegion(), len(zones))})
	}
	return zones[:zoneCount(spec)], nil
}
