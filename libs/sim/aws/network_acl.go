package aws

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// networkACL is the list that comes with a VPC and lets everything pass. There are no others.
type networkACL struct{ VPC string }

func (a networkACL) owner() string                           { return a.VPC }
func (a networkACL) name() string                            { return "default" }
func (a networkACL) text(name func(id string) string) string { return "in " + name(a.VPC) }

var networkACLs = register(kind[networkACL]{
	service: "EC2", name: "NetworkAcl", noun: "networkAcl ID", prefix: "acl", tagged: "network-acl",
	missing: "InvalidNetworkAclID.NotFound", malformed: "InvalidNetworkAclId.Malformed",
})

var networkACLFilters = filters[networkACL]{
	"vpc-id":         one(func(a networkACL) string { return a.VPC }),
	"network-acl-id": ofID[networkACL],
	"default":        func(*call, *row[networkACL]) []string { return []string{"true"} },
}

func init() {
	handle("EC2", "DescribeNetworkAcls", fields{"Filters", "MaxResults", "NextToken", "NetworkAclIds"}, func(c *call, in *ec2.DescribeNetworkAclsInput) (*ec2.DescribeNetworkAclsOutput, error) {
		shown, next, err := describe(c, networkACLs, networkACLFilters, query{in.NetworkAclIds, in.Filters, in.MaxResults, in.NextToken},
			func(c *call, r *row[networkACL]) types.NetworkAcl {
				return types.NetworkAcl{
					NetworkAclId: aws.String(r.ID), VpcId: aws.String(r.Data.VPC), OwnerId: aws.String(c.Account),
					IsDefault: aws.Bool(true), Tags: ec2Tags(c.shown(&r.meta)),
				}
			})
		return &ec2.DescribeNetworkAclsOutput{NetworkAcls: shown, NextToken: next}, err
	})
}

func createDefaultACL(c *call, vpc string) {
	r := networkACLs.create(c, "", networkACL{VPC: vpc}, nil)
	r.CreatedBy = byAWS
	networkACLs.put(c, r)
}
