package aws

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// subnet is a part of a VPC in one zone.
// https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html
type subnet struct {
	VPC         string
	Zone        availabilityZone
	Prefix      netip.Prefix
	MapPublicIP bool
}

func (s subnet) Owner() string { return s.VPC }
func (s subnet) Summary(name func(id string) string) string {
	text := s.Prefix.String() + " in " + name(s.VPC) + " " + s.Zone.Name
	if s.MapPublicIP {
		text += " map-public-ip"
	}
	return text
}

var subnets = engine.NewType[subnet](engine.Type{
	Service: "EC2", Name: "Subnet", Noun: "subnet ID", Prefix: "subnet", TagType: "subnet",
	NotFound: "InvalidSubnetID.NotFound", Malformed: "InvalidSubnetId.Malformed",
})

var subnetFilters = filters[subnet]{
	"subnet-id":               ofID[subnet],
	"owner-id":                ofAccount[subnet],
	"state":                   ofState[subnet],
	"vpc-id":                  one(func(s subnet) string { return s.VPC }),
	"cidr":                    one(func(s subnet) string { return s.Prefix.String() }),
	"cidr-block":              one(func(s subnet) string { return s.Prefix.String() }),
	"availability-zone":       one(func(s subnet) string { return s.Zone.Name }),
	"availability-zone-id":    one(func(s subnet) string { return s.Zone.ID }),
	"map-public-ip-on-launch": yesNo(func(s subnet) bool { return s.MapPublicIP }),
	"default-for-az":          yesNo(func(subnet) bool { return false }),
}

func handleSubnet(s *engine.Service) {
	engine.Handle(s, "CreateSubnet", engine.Fields{"VpcId", "CidrBlock", "AvailabilityZone", "AvailabilityZoneId", "TagSpecifications"}, createSubnet)
	engine.Handle(s, "DeleteSubnet", engine.Fields{"SubnetId"}, deleteSubnet)
	engine.Handle(s, "ModifySubnetAttribute", engine.Fields{"SubnetId", "MapPublicIpOnLaunch"}, modifySubnetAttribute)
	engine.Handle(s, "DescribeSubnets", engine.Fields{"Filters", "MaxResults", "NextToken", "SubnetIds"}, func(c *engine.Call, in *ec2.DescribeSubnetsInput) (*ec2.DescribeSubnetsOutput, error) {
		shown, next, err := describe(c, subnets, subnetFilters, query{in.SubnetIds, in.Filters, in.MaxResults, in.NextToken}, showSubnet)
		return &ec2.DescribeSubnetsOutput{Subnets: shown, NextToken: next}, err
	})
}

func createSubnet(c *engine.Call, in *ec2.CreateSubnetInput) (*ec2.CreateSubnetOutput, error) {
	v, err := vpcs.Get(c, in.VpcId)
	if err != nil {
		return nil, err
	}
	prefix, err := block("cidrBlock", in.CidrBlock)
	if err != nil {
		return nil, err
	}
	zone, err := findZone(c, in.AvailabilityZone, in.AvailabilityZoneId)
	if err != nil {
		return nil, err
	}
	tags, err := readTagSpecifications(c, in.TagSpecifications, subnets.TagType)
	if err != nil {
		return nil, err
	}
	inside := slices.ContainsFunc(v.Data.Blocks, func(b vpcBlock) bool { return within(prefix, b.Prefix) })
	if !inside || prefix.Bits() > 28 {
		return nil, engine.Refuse("InvalidSubnet.Range", "The CIDR '%s' is invalid.", prefix)
	}
	siblings := subnets.OwnedBy(c, v.ID)
	if slices.ContainsFunc(siblings, func(s *engine.Resource[subnet]) bool { return s.Data.Prefix.Overlaps(prefix) }) {
		return nil, engine.Refuse("InvalidSubnet.Conflict", "The CIDR '%s' conflicts with another subnet", prefix)
	}
	if err := c.CheckQuota("SubnetsPerVpc", len(siblings), "SubnetLimitExceeded", "The maximum number of subnets has been reached."); err != nil {
		return nil, err
	}
	r := subnets.Create(c, "", subnet{VPC: v.ID, Zone: zone, Prefix: prefix}, tags)
	return &ec2.CreateSubnetOutput{Subnet: new(showSubnet(c, r))}, nil
}

// deleteSubnet refuses while a network interface lives in the subnet, such as that of a NAT gateway.
func deleteSubnet(c *engine.Call, in *ec2.DeleteSubnetInput) (*ec2.DeleteSubnetOutput, error) {
	r, err := subnets.Get(c, in.SubnetId)
	if err != nil {
		return nil, err
	}
	if len(networkInterfaces.OwnedBy(c, r.ID)) > 0 {
		return nil, dependencyViolation("subnet", r.ID)
	}
	for _, t := range routeTables.OwnedBy(c, r.Data.VPC) {
		t.Data.Associations = slices.DeleteFunc(t.Data.Associations, func(a tableAssociation) bool { return a.Subnet == r.ID })
		routeTables.Put(c, t)
	}
	subnets.Delete(c, r)
	return &ec2.DeleteSubnetOutput{}, nil
}

func modifySubnetAttribute(c *engine.Call, in *ec2.ModifySubnetAttributeInput) (*ec2.ModifySubnetAttributeOutput, error) {
	r, err := subnets.Get(c, in.SubnetId)
	if err != nil {
		return nil, err
	}
	if in.MapPublicIpOnLaunch == nil {
		return nil, engine.MissingParameter("attribute")
	}
	r.Data.MapPublicIP = aws.ToBool(in.MapPublicIpOnLaunch.Value)
	subnets.Put(c, r)
	return &ec2.ModifySubnetAttributeOutput{}, nil
}

// reservedAddresses are the first four of a subnet and its last.
// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
const reservedAddresses = 5

// free is how many addresses of a subnet nobody has.
func (s subnet) free(c *engine.Call, id string) int {
	return 1<<(32-s.Prefix.Bits()) - reservedAddresses - len(networkInterfaces.OwnedBy(c, id))
}

func showSubnet(c *engine.Call, r *engine.Resource[subnet]) types.Subnet {
	return types.Subnet{
		SubnetId: aws.String(r.ID), VpcId: aws.String(r.Data.VPC), OwnerId: aws.String(c.Account), State: types.SubnetStateAvailable,
		SubnetArn: aws.String(strings.Join([]string{"arn:aws:ec2", c.Region, c.Account, "subnet/" + r.ID}, ":")),
		CidrBlock: aws.String(r.Data.Prefix.String()), AvailabilityZone: aws.String(r.Data.Zone.Name),
		AvailabilityZoneId: aws.String(r.Data.Zone.ID), AvailableIpAddressCount: aws.Int32(int32(r.Data.free(c, r.ID))),
		MapPublicIpOnLaunch: aws.Bool(r.Data.MapPublicIP), DefaultForAz: aws.Bool(false), Tags: ec2Tags(c.VisibleTags(&r.Metadata)),
	}
}
