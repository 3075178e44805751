package aws

import (
	"net/netip"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// What somebody made in a VPC that is not theirs.
var foreignFixtures = []Fixture{
	{Name: "network interface made by hand", Foreign: true, create: newForeignInterface},
	{Name: "instance launched by hand", Foreign: true, create: newForeignInstance},
	{Name: "security group made by hand", Foreign: true, create: newForeignGroup},
	{Name: "subnet made by hand", Foreign: true, create: newForeignSubnet},
	{Name: "peering connection made by hand", Foreign: true, create: newForeignPeering},
	{Name: "endpoint made by hand", Foreign: true, create: newForeignEndpoint},
}

func newForeignInterface(s *site, suffix string) error {
	_, err := place(s.Call, &s.privateSubnets()[0], nil, networkInterface{
		Description: "failover address of db-" + suffix, Type: types.NetworkInterfaceTypeInterface,
	}, map[string]string{"Name": "db-failover-" + suffix})
	return err
}

func newForeignInstance(s *site, suffix string) error {
	return s.newInstance(map[string]string{"Name": "jump-host-" + suffix}, defaultGroup(s.Call, s.VPC).ID)
}

// newForeignGroup names the group of the nodes in a rule, so that this cannot go before it.
func newForeignGroup(s *site, suffix string) error {
	group, err := s.newSecurityGroup("monitoring-"+suffix, "Scrapes the nodes", map[string]string{"Name": "monitoring-" + suffix})
	if err != nil {
		return err
	}
	return s.allow(group, s.nodeGroup(), 9100)
}

// newForeignSubnet takes the last small range of the VPC that is free.
func newForeignSubnet(s *site, suffix string) error {
	v, err := vpcs.Get(s.Call, &s.VPC)
	if err != nil {
		return err
	}
	near, _ := subnets.Find(s.Call, s.privateSubnets()[0])
	for prefix := lastRange(v.Data.Blocks[0].Prefix, 24); ; prefix = rangeBefore(prefix) {
		_, err := createSubnet(s.Call, &ec2.CreateSubnetInput{
			VpcId: &s.VPC, CidrBlock: aws.String(prefix.String()), AvailabilityZone: aws.String(near.Data.Zone.Name),
			TagSpecifications: tagSpecification(types.ResourceTypeSubnet, map[string]string{"Name": "reporting-" + suffix}),
		})
		if engine.Code(err) != "InvalidSubnet.Conflict" {
			return err
		}
	}
}

// lastRange is the last range of so many bits in a block.
func lastRange(block netip.Prefix, bits int) netip.Prefix {
	return netip.PrefixFrom(nth(block, 1<<(32-block.Bits())-1<<(32-bits)), bits)
}

func rangeBefore(prefix netip.Prefix) netip.Prefix {
	before := prefix.Addr().Prev()
	return netip.PrefixFrom(before, prefix.Bits()).Masked()
}

func newForeignPeering(s *site, suffix string) error {
	peerings.Create(s.Call, "", peering{VPC: s.VPC, Peer: "vpc-0" + strings.Repeat("0", 16), PeerAccount: "999900001111"},
		map[string]string{"Name": "to-data-lake-" + suffix})
	return nil
}

func newForeignEndpoint(s *site, suffix string) error {
	return s.newEndpoint("com.amazonaws."+s.Region+".ecr.api", []string{defaultGroup(s.Call, s.VPC).ID}, map[string]string{"Name": "registry-" + suffix})
}
