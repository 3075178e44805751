package vpc

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/ec2api"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// Subnet is a range of addresses of a VPC in one zone.
// https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html
type Subnet struct {
	VPC         string
	Zone        ec2api.Zone
	Prefix      netip.Prefix
	MapPublicIP bool
}

// Owner implements engine.Attributes.
func (s Subnet) Owner() string { return s.VPC }

// Summary implements engine.Attributes.
func (s Subnet) Summary(name func(id string) string) string {
	text := s.Prefix.String() + " in " + name(s.VPC) + " " + s.Zone.Name
	if s.MapPublicIP {
		text += " map-public-ip"
	}
	return text
}

// Subnets is the resource type with the attributes Subnet.
var Subnets = engine.NewType[Subnet](engine.Type{
	Service: "EC2", Name: "Subnet", Noun: "subnet ID", Prefix: "subnet", TagType: "subnet",
	NotFound: "InvalidSubnetID.NotFound", Malformed: "InvalidSubnetId.Malformed",
})

var subnetFilters = ec2api.Filters[Subnet]{
	"subnet-id":               ec2api.ByID[Subnet],
	"owner-id":                ec2api.ByAccount[Subnet],
	"state":                   ec2api.ByState[Subnet],
	"vpc-id":                  ec2api.ByText(func(s Subnet) string { return s.VPC }),
	"cidr":                    ec2api.ByText(func(s Subnet) string { return s.Prefix.String() }),
	"cidr-block":              ec2api.ByText(func(s Subnet) string { return s.Prefix.String() }),
	"availability-zone":       ec2api.ByText(func(s Subnet) string { return s.Zone.Name }),
	"availability-zone-id":    ec2api.ByText(func(s Subnet) string { return s.Zone.ID }),
	"map-public-ip-on-launch": ec2api.ByBool(func(s Subnet) bool { return s.MapPublicIP }),
	"default-for-az":          ec2api.ByBool(func(Subnet) bool { return false }),
}

func handleSubnet(s *engine.Service) {
	engine.Handle(s, "CreateSubnet", engine.Fields{"VpcId", "CidrBlock", "AvailabilityZone", "AvailabilityZoneId", "TagSpecifications"}, CreateSubnet)
	engine.Handle(s, "DeleteSubnet", engine.Fields{"SubnetId"}, deleteSubnet)
	engine.Handle(s, "ModifySubnetAttribute", engine.Fields{"SubnetId", "MapPublicIpOnLaunch"}, modifySubnetAttribute)
	engine.Handle(s, "DescribeSubnets", engine.Fields{"Filters", "MaxResults", "NextToken", "SubnetIds"}, func(c *engine.Call, in *ec2.DescribeSubnetsInput) (*ec2.DescribeSubnetsOutput, error) {
		shown, next, err := ec2api.Describe(c, Subnets, subnetFilters, ec2api.Query{IDs: in.SubnetIds, Filters: in.Filters, Max: in.MaxResults, Next: in.NextToken}, showSubnet)
		return &ec2.DescribeSubnetsOutput{Subnets: shown, NextToken: next}, err
	})
}

// CreateSubnet refuses a range outside the VPC, and one that overlaps another subnet.
func CreateSubnet(c *engine.Call, in *ec2.CreateSubnetInput) (*ec2.CreateSubnetOutput, error) {
	v, err := VPCs.Get(c, in.VpcId)
	if err != nil {
		return nil, err
	}
	prefix, err := block("cidrBlock", in.CidrBlock)
	if err != nil {
		return nil, err
	}
	zone, err := ec2api.FindZone(c, in.AvailabilityZone, in.AvailabilityZoneId)
	if err != nil {
		return nil, err
	}
	tags, err := ec2api.ReadTags(c, in.TagSpecifications, Subnets.TagType)
	if err != nil {
		return nil, err
	}
	inside := slices.ContainsFunc(v.Data.Blocks, func(b CIDRBlock) bool { return within(prefix, b.Prefix) })
	if !inside || prefix.Bits() > 28 {
		return nil, engine.Refuse("InvalidSubnet.Range", "The CIDR '%s' is invalid.", prefix)
	}
	siblings := Subnets.OwnedBy(c, v.ID)
	if slices.ContainsFunc(siblings, func(s *engine.Resource[Subnet]) bool { return s.Data.Prefix.Overlaps(prefix) }) {
		return nil, engine.Refuse("InvalidSubnet.Conflict", "The CIDR '%s' conflicts with another subnet", prefix)
	}
	if err := c.CheckQuota("SubnetsPerVpc", len(siblings), "SubnetLimitExceeded", "The maximum number of subnets has been reached."); err != nil {
		return nil, err
	}
	r := Subnets.Create(c, "", Subnet{VPC: v.ID, Zone: zone, Prefix: prefix}, tags)
	return &ec2.CreateSubnetOutput{Subnet: new(showSubnet(c, r))}, nil
}

// deleteSubnet refuses while there is a network interface in the subnet, such as that of a NAT gateway.
func deleteSubnet(c *engine.Call, in *ec2.DeleteSubnetInput) (*ec2.DeleteSubnetOutput, error) {
	r, err := Subnets.Get(c, in.SubnetId)
	if err != nil {
		return nil, err
	}
	if len(NetworkInterfaces.OwnedBy(c, r.ID)) > 0 {
		return nil, ec2api.DependencyViolation("subnet", r.ID)
	}
	for _, t := range routeTables.OwnedBy(c, r.Data.VPC) {
		t.Data.Associations = slices.DeleteFunc(t.Data.Associations, func(a tableAssociation) bool { return a.Subnet == r.ID })
		routeTables.Put(c, t)
	}
	Subnets.Delete(c, r)
	return &ec2.DeleteSubnetOutput{}, nil
}

func modifySubnetAttribute(c *engine.Call, in *ec2.ModifySubnetAttributeInput) (*ec2.ModifySubnetAttributeOutput, error) {
	r, err := Subnets.Get(c, in.SubnetId)
	if err != nil {
		return nil, err
	}
	if in.MapPublicIpOnLaunch == nil {
		return nil, engine.MissingParameter("attribute")
	}
	r.Data.MapPublicIP = aws.ToBool(in.MapPublicIpOnLaunch.Value)
	Subnets.Put(c, r)
	return &ec2.ModifySubnetAttributeOutput{}, nil
}

// reservedAddresses is the number of addresses that AWS reserves in each subnet: the first four and the last.
// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
const reservedAddresses = 5

// FreeAddresses returns the number of free addresses of the subnet with the id.
func (s Subnet) FreeAddresses(c *engine.Call, id string) int {
	return 1<<(32-s.Prefix.Bits()) - reservedAddresses - len(NetworkInterfaces.OwnedBy(c, id))
}

func showSubnet(c *engine.Call, r *engine.Resource[Subnet]) types.Subnet {
	return types.Subnet{
		SubnetId: aws.String(r.ID), VpcId: aws.String(r.Data.VPC), OwnerId: aws.String(c.Account), State: types.SubnetStateAvailable,
		SubnetArn: aws.String(strings.Join([]string{"arn:aws:ec2", c.Region, c.Account, "subnet/" + r.ID}, ":")),
		CidrBlock: aws.String(r.Data.Prefix.String()), AvailabilityZone: aws.String(r.Data.Zone.Name),
		AvailabilityZoneId: aws.String(r.Data.Zone.ID), AvailableIpAddressCount: aws.Int32(int32(r.Data.FreeAddresses(c, r.ID))),
		MapPublicIpOnLaunch: aws.Bool(r.Data.MapPublicIP), DefaultForAz: aws.Bool(false), Tags: ec2api.Tags(c.VisibleTags(&r.Metadata)),
	}
}
