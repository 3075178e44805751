package vpc

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/ec2api"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// networkACL is the default network ACL of a VPC, which allows all traffic. Other network ACLs are not simulated.
type networkACL struct{ VPC string }

// Owner implements engine.Attributes.
func (a networkACL) Owner() string { return a.VPC }

// DisplayName implements engine.Named.
func (a networkACL) DisplayName() string { return "default" }

// Summary implements engine.Attributes.
func (a networkACL) Summary(name func(id string) string) string { return "in " + name(a.VPC) }

var networkACLs = engine.NewType[networkACL](engine.Type{
	Service: "EC2", Name: "NetworkAcl", Noun: "networkAcl ID", Prefix: "acl", TagType: "network-acl",
	NotFound: "InvalidNetworkAclID.NotFound", Malformed: "InvalidNetworkAclId.Malformed",
})

var networkACLFilters = ec2api.Filters[networkACL]{
	"vpc-id":         ec2api.ByText(func(a networkACL) string { return a.VPC }),
	"network-acl-id": ec2api.ByID[networkACL],
	"default":        func(*engine.Call, *engine.Resource[networkACL]) []string { return []string{"true"} },
}

func handleNetworkACLs(s *engine.Service) {
	engine.Handle(s, "DescribeNetworkAcls", engine.Fields{"Filters", "MaxResults", "NextToken", "NetworkAclIds"}, func(c *engine.Call, in *ec2.DescribeNetworkAclsInput) (*ec2.DescribeNetworkAclsOutput, error) {
		shown, next, err := ec2api.Describe(c, networkACLs, networkACLFilters, ec2api.Query{IDs: in.NetworkAclIds, Filters: in.Filters, Max: in.MaxResults, Next: in.NextToken},
			func(c *engine.Call, r *engine.Resource[networkACL]) types.NetworkAcl {
				return types.NetworkAcl{
					NetworkAclId: aws.String(r.ID), VpcId: aws.String(r.Data.VPC), OwnerId: aws.String(c.Account),
					IsDefault: aws.Bool(true), Tags: ec2api.Tags(c.VisibleTags(&r.Metadata)),
				}
			})
		return &ec2.DescribeNetworkAclsOutput{NetworkAcls: shown, NextToken: next}, err
	})
}

func createDefaultACL(c *engine.Call, vpc string) {
	r := networkACLs.Create(c, "", networkACL{VPC: vpc}, nil)
	r.CreatedBy = engine.ByAWS
	networkACLs.Put(c, r)
}
