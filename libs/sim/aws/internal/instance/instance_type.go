package instance

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/ec2api"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// instanceFamilies are the families that every zone of every region offers, and their architectures.
// https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
var instanceFamilies = map[string]types.ArchitectureValues{
	"t3": x86, "t3a": x86, "m5": x86, "m6i": x86, "m6a": x86, "m7i": x86, "c5": x86, "c6i": x86, "c6a": x86, "c7i": x86,
	"r5": x86, "r6i": x86, "r6a": x86, "r7i": x86,
	"t4g": arm, "m6g": arm, "m7g": arm, "c6g": arm, "c7g": arm, "r6g": arm, "r7g": arm,
}

const (
	x86 = types.ArchitectureValuesX8664
	arm = types.ArchitectureValuesArm64
)

// vCPUs are the virtual processors of each size, in order of size. Only the families t3, t3a and t4g have the sizes
// below large, and their largest size is 2xlarge.
// https://docs.aws.amazon.com/ec2/latest/instancetypes/gp.html
var vCPUs = []struct {
	size  string
	count int
}{
	{"nano", 2}, {"micro", 2}, {"small", 2}, {"medium", 2}, {"large", 2}, {"xlarge", 4}, {"2xlarge", 8},
	{"4xlarge", 16}, {"8xlarge", 32}, {"12xlarge", 48}, {"16xlarge", 64}, {"24xlarge", 96},
}

// Type is an instance type as a zone or region offers it.
type Type struct {
	Name, Zone   string
	Architecture types.ArchitectureValues
	VCPUs        int
}

// Owner implements engine.Attributes.
func (t Type) Owner() string { return "" }

// Summary implements engine.Attributes.
func (t Type) Summary(func(id string) string) string { return t.Name + " in " + t.Zone }

// offerings is the type of the resources of DescribeInstanceTypeOfferings. They follow from the tables above and are never
// stored.
var offerings = engine.NewType[Type](engine.Type{Service: "EC2", Name: "InstanceTypeOffering"})

var offeringFilters = ec2api.Filters[Type]{
	"instance-type": ec2api.ByText(func(t Type) string { return t.Name }),
	"location":      ec2api.ByText(func(t Type) string { return t.Zone }),
}

// FindType finds an instance type by name.
func FindType(name types.InstanceType) (Type, error) {
	for _, t := range instanceTypes() {
		if t.Name == string(name) {
			return t, nil
		}
	}
	return Type{}, engine.Refuse("InvalidParameterValue", "Invalid value '%s' for InstanceType.", name)
}

// instanceTypes returns all instance types, by family and size.
func instanceTypes() []Type {
	var families []string
	for family := range instanceFamilies {
		families = append(families, family)
	}
	slices.Sort(families)
	var all []Type
	for _, family := range families {
		burstable := strings.HasPrefix(family, "t")
		for i, v := range vCPUs {
			if burstable && i < 7 || !burstable && i >= 4 {
				all = append(all, Type{family + "." + v.size, "", instanceFamilies[family], v.count})
			}
		}
	}
	return all
}

func handleInstanceType(s *engine.Service) {
	engine.Handle(s, "DescribeInstanceTypeOfferings", engine.Fields{"Filters", "LocationType", "MaxResults", "NextToken"}, describeInstanceTypeOfferings)
}

func describeInstanceTypeOfferings(c *engine.Call, in *ec2.DescribeInstanceTypeOfferingsInput) (*ec2.DescribeInstanceTypeOfferingsOutput, error) {
	var places []string
	switch in.LocationType {
	case "", types.LocationTypeRegion:
		places = []string{c.Region}
	case types.LocationTypeAvailabilityZone:
		for _, z := range ec2api.Zones(c.Region) {
			places = append(places, z.Name)
		}
	default:
		c.Unsimulated("LocationType", in.LocationType)
	}
	var resources []*engine.Resource[Type]
	for _, t := range instanceTypes() {
		for _, place := range places {
			t.Zone = place
			resources = append(resources, &engine.Resource[Type]{Metadata: engine.Metadata{Seq: uint64(len(resources)) + 1}, Data: t})
		}
	}
	shown, next, err := ec2api.Select(c, offerings, offeringFilters, resources, ec2api.Query{Filters: in.Filters, Max: in.MaxResults, Next: in.NextToken},
		func(_ *engine.Call, r *engine.Resource[Type]) types.InstanceTypeOffering {
			location := in.LocationType
			if location == "" {
				location = types.LocationTypeRegion
			}
			return types.InstanceTypeOffering{
				InstanceType: types.InstanceType(r.Data.Name), Location: aws.String(r.Data.Zone), LocationType: location,
			}
		})
	return &ec2.DescribeInstanceTypeOfferingsOutput{InstanceTypeOfferings: shown, NextToken: next}, err
}
