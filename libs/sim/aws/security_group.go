package aws

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// securityGroup is a set of rules around network interfaces. The one named default comes with its VPC.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
type securityGroup struct{ VPC, GroupName, Description string }

func (g securityGroup) Owner() string       { return g.VPC }
func (g securityGroup) DisplayName() string { return g.GroupName }
func (g securityGroup) Summary(name func(id string) string) string {
	return g.GroupName + " in " + name(g.VPC)
}
func (g securityGroup) isDefault() bool { return g.GroupName == "default" }

var securityGroups = engine.NewType[securityGroup](engine.Type{
	Service: "EC2", Name: "SecurityGroup", Noun: "security group", Prefix: "sg", TagType: "security-group",
	NotFound: "InvalidGroup.NotFound", Malformed: "InvalidGroupId.Malformed",
})

var securityGroupFilters = filters[securityGroup]{
	"group-id":                      ofID[securityGroup],
	"owner-id":                      ofAccount[securityGroup],
	"group-name":                    one(func(g securityGroup) string { return g.GroupName }),
	"description":                   one(func(g securityGroup) string { return g.Description }),
	"vpc-id":                        one(func(g securityGroup) string { return g.VPC }),
	"ip-permission.group-id":        peers(false),
	"egress.ip-permission.group-id": peers(true),
}

// peers is the values of a filter on the groups that the rules of one direction name.
func peers(egress bool) func(*engine.Call, *engine.Resource[securityGroup]) []string {
	return func(c *engine.Call, r *engine.Resource[securityGroup]) (ids []string) {
		for _, rule := range securityGroupRules.OwnedBy(c, r.ID) {
			if rule.Data.Egress == egress && rule.Data.Peer != "" {
				ids = append(ids, rule.Data.Peer)
			}
		}
		return ids
	}
}

func handleSecurityGroup(s *engine.Service) {
	engine.Handle(s, "CreateSecurityGroup", engine.Fields{"Description", "GroupName", "VpcId", "TagSpecifications"}, createSecurityGroup)
	engine.Handle(s, "DeleteSecurityGroup", engine.Fields{"GroupId"}, deleteSecurityGroup)
	engine.Handle(s, "DescribeSecurityGroups", engine.Fields{"Filters", "MaxResults", "NextToken", "GroupIds"}, func(c *engine.Call, in *ec2.DescribeSecurityGroupsInput) (*ec2.DescribeSecurityGroupsOutput, error) {
		shown, next, err := describe(c, securityGroups, securityGroupFilters, query{in.GroupIds, in.Filters, in.MaxResults, in.NextToken}, showSecurityGroup)
		return &ec2.DescribeSecurityGroupsOutput{SecurityGroups: shown, NextToken: next}, err
	})
}

func createSecurityGroup(c *engine.Call, in *ec2.CreateSecurityGroupInput) (*ec2.CreateSecurityGroupOutput, error) {
	name, description := aws.ToString(in.GroupName), aws.ToString(in.Description)
	v, err := vpcs.Get(c, in.VpcId)
	if err != nil {
		return nil, err
	}
	switch {
	case name == "" || len(name) > 255 || strings.HasPrefix(name, "sg-") || name == "default":
		return nil, engine.InvalidParameter("groupName", name)
	case description == "" || len(description) > 255:
		return nil, engine.InvalidParameter("GroupDescription", description)
	}
	tags, err := readTagSpecifications(c, in.TagSpecifications, securityGroups.TagType)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(securityGroups.OwnedBy(c, v.ID), func(g *engine.Resource[securityGroup]) bool { return g.Data.GroupName == name }) {
		return nil, engine.Refuse("InvalidGroup.Duplicate", "The security group '%s' already exists for VPC '%s'", name, v.ID)
	}
	if err := c.CheckQuota("SecurityGroupsPerRegion", len(securityGroups.List(c)), "SecurityGroupLimitExceeded", "The maximum number of security groups has been reached."); err != nil {
		return nil, err
	}
	r := securityGroups.Create(c, "", securityGroup{VPC: v.ID, GroupName: name, Description: description}, tags)
	everywhere(c, r.ID)
	return &ec2.CreateSecurityGroupOutput{GroupId: aws.String(r.ID), SecurityGroupArn: aws.String(groupARN(c, r.ID)), Tags: ec2Tags(tags)}, nil
}

// createDefaultGroup makes the group that comes with a VPC: all in from itself, all out.
func createDefaultGroup(c *engine.Call, vpc string) {
	r := securityGroups.Create(c, "", securityGroup{VPC: vpc, GroupName: "default", Description: "default VPC security group"}, nil)
	r.CreatedBy = engine.ByAWS
	securityGroups.Put(c, r)
	inside := securityGroupRules.Create(c, "", securityGroupRule{Group: r.ID, Protocol: "-1", From: -1, To: -1, Peer: r.ID}, nil)
	inside.CreatedBy = engine.ByAWS
	securityGroupRules.Put(c, inside)
	everywhere(c, r.ID)
}

// everywhere adds the rule that every new group has: all out to anywhere.
func everywhere(c *engine.Call, group string) {
	r := securityGroupRules.Create(c, "", securityGroupRule{Group: group, Egress: true, Protocol: "-1", From: -1, To: -1, IPv4: "0.0.0.0/0"}, nil)
	r.CreatedBy = engine.ByAWS
	securityGroupRules.Put(c, r)
}

func defaultGroup(c *engine.Call, vpc string) *engine.Resource[securityGroup] {
	groups := securityGroups.OwnedBy(c, vpc)
	return groups[slices.IndexFunc(groups, func(g *engine.Resource[securityGroup]) bool { return g.Data.isDefault() })]
}

// deleteSecurityGroup refuses while a network interface has the group or a rule of another group names it.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html
func deleteSecurityGroup(c *engine.Call, in *ec2.DeleteSecurityGroupInput) (*ec2.DeleteSecurityGroupOutput, error) {
	r, err := securityGroups.Get(c, in.GroupId)
	if err != nil {
		return nil, err
	}
	if r.Data.isDefault() {
		return nil, engine.Refuse("CannotDelete", "the specified group: \"%s\" name: \"default\" cannot be deleted by a user", r.ID)
	}
	named := slices.ContainsFunc(securityGroupRules.List(c), func(rule *engine.Resource[securityGroupRule]) bool {
		return rule.Data.Peer == r.ID && rule.Data.Group != r.ID
	})
	worn := slices.ContainsFunc(networkInterfaces.List(c), func(i *engine.Resource[networkInterface]) bool {
		return slices.Contains(i.Data.Groups, r.ID) && !i.Deleted(c.Now())
	})
	if named || worn {
		return nil, engine.Refuse("DependencyViolation", "resource %s has a dependent object", r.ID)
	}
	removeGroup(c, r)
	return &ec2.DeleteSecurityGroupOutput{GroupId: in.GroupId, Return: aws.Bool(true)}, nil
}

func removeGroup(c *engine.Call, r *engine.Resource[securityGroup]) {
	for _, rule := range securityGroupRules.OwnedBy(c, r.ID) {
		securityGroupRules.Delete(c, rule)
	}
	securityGroups.Delete(c, r)
}

func groupARN(c *engine.Call, id string) string {
	return strings.Join([]string{"arn:aws:ec2", c.Region, c.Account, "security-group/" + id}, ":")
}

func showSecurityGroup(c *engine.Call, r *engine.Resource[securityGroup]) types.SecurityGroup {
	shown := types.SecurityGroup{
		GroupId: aws.String(r.ID), GroupName: aws.String(r.Data.GroupName), Description: aws.String(r.Data.Description),
		VpcId: aws.String(r.Data.VPC), OwnerId: aws.String(c.Account), SecurityGroupArn: aws.String(groupARN(c, r.ID)), Tags: ec2Tags(c.VisibleTags(&r.Metadata)),
	}
	for _, rule := range securityGroupRules.OwnedBy(c, r.ID) {
		if rule.Data.Egress {
			shown.IpPermissionsEgress = rule.Data.mergeInto(c, shown.IpPermissionsEgress)
		} else {
			shown.IpPermissions = rule.Data.mergeInto(c, shown.IpPermissions)
		}
	}
	return shown
}
