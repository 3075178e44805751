package vpc

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/sim/aws/internal/ec2api"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// VPC is a virtual network. AWS creates and deletes its default security group, main route table and network ACL with
// it.
// https://docs.aws.amazon.com/vpc/latest/userguide/create-vpc.html
type VPC struct {
	Blocks                   []CIDRBlock // the first is the primary block
	DNSHostnames, DNSSupport bool
}

// CIDRBlock is one address range of a VPC.
type CIDRBlock struct {
	ID     string
	Prefix netip.Prefix
}

// Owner implements engine.Attributes.
func (v VPC) Owner() string { return "" }

// Summary implements engine.Attributes.
func (v VPC) Summary(func(id string) string) string {
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

// VPCs is the resource type with the attributes VPC.
var VPCs = engine.NewType[VPC](engine.Type{
	Service: "EC2", Name: "Vpc", Noun: "vpc ID", Prefix: "vpc", TagType: "vpc",
	NotFound: "InvalidVpcID.NotFound", Malformed: "InvalidVpcId.Malformed",
})

var vpcFilters = ec2api.Filters[VPC]{
	"vpc-id":   ec2api.ByID[VPC],
	"state":    ec2api.ByState[VPC],
	"owner-id": ec2api.ByAccount[VPC],
	"cidr":     ec2api.ByText(func(v VPC) string { return v.Blocks[0].Prefix.String() }),
	"cidr-block-association.cidr-block": func(_ *engine.Call, r *engine.Resource[VPC]) (blocks []string) {
		for _, b := range r.Data.Blocks {
			blocks = append(blocks, b.Prefix.String())
		}
		return blocks
	},
	"is-default": func(*engine.Call, *engine.Resource[VPC]) []string { return []string{"false"} },
	"isDefault":  func(*engine.Call, *engine.Resource[VPC]) []string { return []string{"false"} },
}

func handleVPCs(s *engine.Service) {
	engine.Handle(s, "CreateVpc", engine.Fields{"CidrBlock", "InstanceTenancy", "TagSpecifications"}, createVpc)
	engine.Handle(s, "DeleteVpc", engine.Fields{"VpcId"}, deleteVpc)
	engine.Handle(s, "DescribeVpcs", engine.Fields{"Filters", "MaxResults", "NextToken", "VpcIds"}, func(c *engine.Call, in *ec2.DescribeVpcsInput) (*ec2.DescribeVpcsOutput, error) {
		shown, next, err := ec2api.Describe(c, VPCs, vpcFilters, ec2api.Query{IDs: in.VpcIds, Filters: in.Filters, Max: in.MaxResults, Next: in.NextToken}, showVpc)
		return &ec2.DescribeVpcsOutput{Vpcs: shown, NextToken: next}, err
	})
}

func createVpc(c *engine.Call, in *ec2.CreateVpcInput) (*ec2.CreateVpcOutput, error) {
	if in.InstanceTenancy != "" && in.InstanceTenancy != types.TenancyDefault {
		c.Unsimulated("InstanceTenancy", in.InstanceTenancy)
	}
	prefix, err := vpcRange(in.CidrBlock)
	if err != nil {
		return nil, err
	}
	tags, err := ec2api.ReadTags(c, in.TagSpecifications, VPCs.TagType)
	if err != nil {
		return nil, err
	}
	if err := c.CheckQuota("VpcsPerRegion", len(VPCs.List(c)), "VpcLimitExceeded", "The maximum number of VPCs has been reached."); err != nil {
		return nil, err
	}
	r := VPCs.Create(c, "", VPC{DNSSupport: true}, tags)
	r.Data.Blocks = []CIDRBlock{{"vpc-cidr-assoc-0" + c.Serial("block", 16), prefix}}
	r.ReadyAt = c.After(latency.VPCAvailable, r.Name())
	VPCs.Put(c, r)

	createDefaultGroup(c, r.ID)
	createMainTable(c, r.ID)
	createDefaultACL(c, r.ID)
	return &ec2.CreateVpcOutput{Vpc: new(showVpc(c, r))}, nil
}

// vpcRange parses a CIDR block and checks that a VPC may have it.
func vpcRange(text *string) (netip.Prefix, error) {
	prefix, err := block("cidrBlock", text)
	if err != nil {
		return prefix, err
	}
	if !prefix.Addr().Is4() || prefix.Bits() < 16 || prefix.Bits() > 28 {
		return prefix, engine.Refuse("InvalidVpc.Range", "The CIDR '%s' is invalid.", prefix)
	}
	return prefix, nil
}

// deleteVpc refuses while there are resources in the VPC that AWS did not create with it.
// https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html
func deleteVpc(c *engine.Call, in *ec2.DeleteVpcInput) (*ec2.DeleteVpcOutput, error) {
	r, err := VPCs.Get(c, in.VpcId)
	if err != nil {
		return nil, err
	}
	groups := slices.DeleteFunc(SecurityGroups.OwnedBy(c, r.ID), func(g *engine.Resource[SecurityGroup]) bool { return g.Data.isDefault() })
	tables := slices.DeleteFunc(routeTables.OwnedBy(c, r.ID), func(t *engine.Resource[routeTable]) bool { return t.Data.Main })
	if len(Subnets.OwnedBy(c, r.ID))+len(InternetGateways.OwnedBy(c, r.ID))+len(Endpoints.OwnedBy(c, r.ID))+len(groups)+len(tables)+len(PeeringConnections.OwnedBy(c, r.ID)) > 0 {
		return nil, ec2api.DependencyViolation("vpc", r.ID)
	}
	for _, g := range SecurityGroups.OwnedBy(c, r.ID) {
		removeGroup(c, g)
	}
	for _, t := range routeTables.OwnedBy(c, r.ID) {
		routeTables.Delete(c, t)
	}
	for _, a := range networkACLs.OwnedBy(c, r.ID) {
		networkACLs.Delete(c, a)
	}
	VPCs.Delete(c, r)
	return &ec2.DeleteVpcOutput{}, nil
}

func showVpc(c *engine.Call, r *engine.Resource[VPC]) types.Vpc {
	shown := types.Vpc{
		VpcId: aws.String(r.ID), OwnerId: aws.String(c.Account), State: types.VpcState(r.State(c.Now())), IsDefault: aws.Bool(false),
		CidrBlock: aws.String(r.Data.Blocks[0].Prefix.String()), DhcpOptionsId: aws.String(fmt.Sprintf("dopt-%.17s", r.ID[4:])),
		InstanceTenancy: types.TenancyDefault, Tags: ec2api.Tags(c.VisibleTags(&r.Metadata)),
	}
	for _, b := range r.Data.Blocks {
		shown.CidrBlockAssociationSet = append(shown.CidrBlockAssociationSet, showBlock(b))
	}
	return shown
}

func showBlock(b CIDRBlock) types.VpcCidrBlockAssociation {
	return types.VpcCidrBlockAssociation{
		AssociationId: aws.String(b.ID), CidrBlock: aws.String(b.Prefix.String()),
		CidrBlockState: &types.VpcCidrBlockState{State: types.VpcCidrBlockStateCodeAssociated},
	}
}
