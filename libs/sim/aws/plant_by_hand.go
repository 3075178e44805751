package aws

import (
	"net/netip"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// What somebody made in a VPC that is not theirs.
var plantedByHand = []Plant{
	{Name: "network interface made by hand", Foreign: true, put: plantForeignInterface},
	{Name: "instance launched by hand", Foreign: true, put: plantForeignInstance},
	{Name: "security group made by hand", Foreign: true, put: plantForeignGroup},
	{Name: "subnet made by hand", Foreign: true, put: plantForeignSubnet},
	{Name: "peering connection made by hand", Foreign: true, put: plantForeignPeering},
	{Name: "endpoint made by hand", Foreign: true, put: plantForeignEndpoint},
}

func plantForeignInterface(g *garden, n string) error {
	_, err := place(g.call, &g.private()[0], nil, networkInterface{
		Description: "failover address of db-" + n, Type: types.NetworkInterfaceTypeInterface,
	}, map[string]string{"Name": "db-failover-" + n})
	return err
}

func plantForeignInstance(g *garden, n string) error {
	return g.instance(map[string]string{"Name": "jump-host-" + n}, defaultGroup(g.call, g.VPC).ID)
}

// plantForeignGroup names the group of the nodes in a rule, so that this cannot go before it.
func plantForeignGroup(g *garden, n string) error {
	group, err := g.group("monitoring-"+n, "Scrapes the nodes", map[string]string{"Name": "monitoring-" + n})
	if err != nil {
		return err
	}
	return g.admit(group, g.nodes(), 9100)
}

// plantForeignSubnet takes the last small range of the VPC that is free.
func plantForeignSubnet(g *garden, n string) error {
	v, err := vpcs.get(g.call, &g.VPC)
	if err != nil {
		return err
	}
	near := subnets.in(g.w, subnets.scope(g.call)).byID[g.private()[0]]
	for prefix := lastRange(v.Data.Blocks[0].Prefix, 24); ; prefix = rangeBefore(prefix) {
		_, err := createSubnet(g.call, &ec2.CreateSubnetInput{
			VpcId: &g.VPC, CidrBlock: aws.String(prefix.String()), AvailabilityZone: aws.String(near.Data.Zone.Name),
			TagSpecifications: tagSpecification(types.ResourceTypeSubnet, map[string]string{"Name": "reporting-" + n}),
		})
		if code(err) != "InvalidSubnet.Conflict" {
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

func plantForeignPeering(g *garden, n string) error {
	peerings.create(g.call, "", peering{VPC: g.VPC, Peer: "vpc-0" + strings.Repeat("0", 16), PeerAccount: "999900001111"},
		map[string]string{"Name": "to-data-lake-" + n})
	return nil
}

func plantForeignEndpoint(g *garden, n string) error {
	return g.endpoint("com.amazonaws."+g.Region+".ecr.api", []string{defaultGroup(g.call, g.VPC).ID}, map[string]string{"Name": "registry-" + n})
}
