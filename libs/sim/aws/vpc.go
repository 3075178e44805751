package aws

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// vpc is a network of its own. A security group, a route table and a network ACL come with it and go with it.
// https://docs.aws.amazon.com/vpc/latest/userguide/create-vpc.html
type vpc struct {
	Blocks                   []vpcBlock // the first is the primary one
	DNSHostnames, DNSSupport bool
}

// vpcBlock is one range of addresses of a VPC.
type vpcBlock struct {
	ID     string
	Prefix netip.Prefix
}

func (v vpc) owner() string { return "" }
func (v vpc) text(func(id string) string) string {
	var parts []string
	for _, b := range v.Blocks {
		parts = append(parts, b.Prefix.String())
	}
	if v.DNSHostnames {
		parts = append(parts, "dns-hostnames")
	}
	if !v.DNSSupport {
		parts = append(parts, "no-dns")
	}
	return strings.Join(parts, " ")
}

var vpcs = register(kind[vpc]{
	service: "EC2", name: "Vpc", noun: "vpc ID", prefix: "vpc", tagged: "vpc",
	missing: "InvalidVpcID.NotFound", malformed: "InvalidVpcId.Malformed",
})

var vpcFilters = filters[vpc]{
	"vpc-id":   ofID[vpc],
	"state":    ofState[vpc],
	"owner-id": ofAccount[vpc],
	"cidr":     one(func(v vpc) string { return v.Blocks[0].Prefix.String() }),
	"cidr-block-association.cidr-block": func(_ *call, r *row[vpc]) (blocks []string) {
		for _, b := range r.Data.Blocks {
			blocks = append(blocks, b.Prefix.String())
		}
		return blocks
	},
	"is-default": func(*call, *row[vpc]) []string { return []string{"false"} },
	"isDefault":  func(*call, *row[vpc]) []string { return []string{"false"} },
}

func init() {
	handle("EC2", "CreateVpc", fields{"CidrBlock", "InstanceTenancy", "TagSpecifications"}, createVpc)
	handle("EC2", "DeleteVpc", fields{"VpcId"}, deleteVpc)
	handle("EC2", "DescribeVpcs", fields{"Filters", "MaxResults", "NextToken", "VpcIds"}, func(c *call, in *ec2.DescribeVpcsInput) (*ec2.DescribeVpcsOutput, error) {
		shown, next, err := describe(c, vpcs, vpcFilters, query{in.VpcIds, in.Filters, in.MaxResults, in.NextToken}, showVpc)
		return &ec2.DescribeVpcsOutput{Vpcs: shown, NextToken: next}, err
	})
}

func createVpc(c *call, in *ec2.CreateVpcInput) (*ec2.CreateVpcOutput, error) {
	if in.InstanceTenancy != "" && in.InstanceTenancy != types.TenancyDefault {
		c.unsimulated("InstanceTenancy", in.InstanceTenancy)
	}
	prefix, err := vpcRange(in.CidrBlock)
	if err != nil {
		return nil, err
	}
	tags, err := c.tagsOn(in.TagSpecifications, vpcs.tagged)
	if err != nil {
		return nil, err
	}
	if err := c.full("VpcsPerRegion", len(vpcs.list(c)), "VpcLimitExceeded", "The maximum number of VPCs has been reached."); err != nil {
		return nil, err
	}
	r := vpcs.create(c, "", vpc{DNSSupport: true}, tags)
	r.Data.Blocks = []vpcBlock{{"vpc-cidr-assoc-0" + c.serial("block", 16), prefix}}
	r.ReadyAt = c.now().Add(c.w.latency("Vpc/available", nameOf(&r.meta, r.Data)))
	vpcs.put(c, r)

	createDefaultGroup(c, r.ID)
	createMainTable(c, r.ID)
	createDefaultACL(c, r.ID)
	return &ec2.CreateVpcOutput{Vpc: new(showVpc(c, r))}, nil
}

// vpcRange reads a block that a VPC may have.
func vpcRange(text *string) (netip.Prefix, error) {
	prefix, err := block("cidrBlock", text)
	if err != nil {
		return prefix, err
	}
	if !prefix.Addr().Is4() || prefix.Bits() < 16 || prefix.Bits() > 28 {
		return prefix, refuse("InvalidVpc.Range", "The CIDR '%s' is invalid.", prefix)
	}
	return prefix, nil
}

// deleteVpc refuses while anything lives in the VPC but what came with it.
// https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html
func deleteVpc(c *call, in *ec2.DeleteVpcInput) (*ec2.DeleteVpcOutput, error) {
	r, err := vpcs.get(c, in.VpcId)
	if err != nil {
		return nil, err
	}
	groups := slices.DeleteFunc(securityGroups.of(c, r.ID), func(g *row[securityGroup]) bool { return g.Data.isDefault() })
	tables := slices.DeleteFunc(routeTables.of(c, r.ID), func(t *row[routeTable]) bool { return t.Data.Main })
	if len(subnets.of(c, r.ID))+len(internetGateways.of(c, r.ID))+len(vpcEndpoints.of(c, r.ID))+len(groups)+len(tables)+len(peerings.of(c, r.ID)) > 0 {
		return nil, dependency("vpc", r.ID)
	}
	for _, g := range securityGroups.of(c, r.ID) {
		removeGroup(c, g)
	}
	for _, t := range routeTables.of(c, r.ID) {
		routeTables.delete(c, t)
	}
	for _, a := range networkACLs.of(c, r.ID) {
		networkACLs.delete(c, a)
	}
	vpcs.delete(c, r)
	return &ec2.DeleteVpcOutput{}, nil
}

func showVpc(c *call, r *row[vpc]) types.Vpc {
	shown := types.Vpc{
		VpcId: aws.String(r.ID), OwnerId: aws.String(c.Account), State: types.VpcState(r.state(c.now())), IsDefault: aws.Bool(false),
		CidrBlock: aws.String(r.Data.Blocks[0].Prefix.String()), DhcpOptionsId: aws.String(fmt.Sprintf("dopt-%.17s", r.ID[4:])),
		InstanceTenancy: types.TenancyDefault, Tags: ec2Tags(c.shown(&r.meta)),
	}
	for _, b := range r.Data.Blocks {
		shown.CidrBlockAssociationSet = append(shown.CidrBlockAssociationSet, showBlock(b))
	}
	return shown
}

func showBlock(b vpcBlock) types.VpcCidrBlockAssociation {
	return types.VpcCidrBlockAssociation{
		AssociationId: aws.String(b.ID), CidrBlock: aws.String(b.Prefix.String()),
		CidrBlockState: &types.VpcCidrBlockState{State: types.VpcCidrBlockStateCodeAssociated},
	}
}
