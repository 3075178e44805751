package aws

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// securityGroup is a set of rules around network interfaces. The one named default comes with its VPC.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
type securityGroup struct{ VPC, GroupName, Description string }

func (g securityGroup) owner() string { return g.VPC }
func (g securityGroup) name() string  { return g.GroupName }
func (g securityGroup) text(name func(id string) string) string {
	return g.GroupName + " in " + name(g.VPC)
}
func (g securityGroup) isDefault() bool { return g.GroupName == "default" }

var securityGroups = register(kind[securityGroup]{
	service: "EC2", name: "SecurityGroup", noun: "security group", prefix: "sg", tagged: "security-group",
	missing: "InvalidGroup.NotFound", malformed: "InvalidGroupId.Malformed",
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
func peers(egress bool) func(*call, *row[securityGroup]) []string {
	return func(c *call, r *row[securityGroup]) (ids []string) {
		for _, rule := range securityGroupRules.of(c, r.ID) {
			if rule.Data.Egress == egress && rule.Data.Peer != "" {
				ids = append(ids, rule.Data.Peer)
			}
		}
		return ids
	}
}

func init() {
	handle("EC2", "CreateSecurityGroup", fields{"Description", "GroupName", "VpcId", "TagSpecifications"}, createSecurityGroup)
	handle("EC2", "DeleteSecurityGroup", fields{"GroupId"}, deleteSecurityGroup)
	handle("EC2", "DescribeSecurityGroups", fields{"Filters", "MaxResults", "NextToken", "GroupIds"}, func(c *call, in *ec2.DescribeSecurityGroupsInput) (*ec2.DescribeSecurityGroupsOutput, error) {
		shown, next, err := describe(c, securityGroups, securityGroupFilters, query{in.GroupIds, in.Filters, in.MaxResults, in.NextToken}, showSecurityGroup)
		return &ec2.DescribeSecurityGroupsOutput{SecurityGroups: shown, NextToken: next}, err
	})
}

func createSecurityGroup(c *call, in *ec2.CreateSecurityGroupInput) (*ec2.CreateSecurityGroupOutput, error) {
	name, description := aws.ToString(in.GroupName), aws.ToString(in.Description)
	v, err := vpcs.get(c, in.VpcId)
	if err != nil {
		return nil, err
	}
	switch {
	case name == "" || len(name) > 255 || strings.HasPrefix(name, "sg-") || name == "default":
		return nil, invalid("groupName", name)
	case description == "" || len(description) > 255:
		return nil, invalid("GroupDescription", description)
	}
	tags, err := c.tagsOn(in.TagSpecifications, securityGroups.tagged)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(securityGroups.of(c, v.ID), func(g *row[securityGroup]) bool { return g.Data.GroupName == name }) {
		return nil, refuse("InvalidGroup.Duplicate", "The security group '%s' already exists for VPC '%s'", name, v.ID)
	}
	if err := c.full("SecurityGroupsPerRegion", len(securityGroups.list(c)), "SecurityGroupLimitExceeded", "The maximum number of security groups has been reached."); err != nil {
		return nil, err
	}
	r := securityGroups.create(c, "", securityGroup{VPC: v.ID, GroupName: name, Description: description}, tags)
	everywhere(c, r.ID)
	return &ec2.CreateSecurityGroupOutput{GroupId: aws.String(r.ID), SecurityGroupArn: aws.String(groupARN(c, r.ID)), Tags: ec2Tags(tags)}, nil
}

// createDefaultGroup makes the group that comes with a VPC: all in from itself, all out.
func createDefaultGroup(c *call, vpc string) {
	r := securityGroups.create(c, "", securityGroup{VPC: vpc, GroupName: "default", Description: "default VPC security group"}, nil)
	r.CreatedBy = byAWS
	securityGroups.put(c, r)
	inside := securityGroupRules.create(c, "", securityGroupRule{Group: r.ID, Protocol: "-1", From: -1, To: -1, Peer: r.ID}, nil)
	inside.CreatedBy = byAWS
	securityGroupRules.put(c, inside)
	everywhere(c, r.ID)
}

// everywhere adds the rule that every new group has: all out to anywhere.
func everywhere(c *call, group string) {
	r := securityGroupRules.create(c, "", securityGroupRule{Group: group, Egress: true, Protocol: "-1", From: -1, To: -1, IPv4: "0.0.0.0/0"}, nil)
	r.CreatedBy = byAWS
	securityGroupRules.put(c, r)
}

func defaultGroup(c *call, vpc string) *row[securityGroup] {
	groups := securityGroups.of(c, vpc)
	return groups[slices.IndexFunc(groups, func(g *row[securityGroup]) bool { return g.Data.isDefault() })]
}

// deleteSecurityGroup refuses while a network interface has the group or a rule of another group names it.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html
func deleteSecurityGroup(c *call, in *ec2.DeleteSecurityGroupInput) (*ec2.DeleteSecurityGroupOutput, error) {
	r, err := securityGroups.get(c, in.GroupId)
	if err != nil {
		return nil, err
	}
	if r.Data.isDefault() {
		return nil, refuse("CannotDelete", "the specified group: \"%s\" name: \"default\" cannot be deleted by a user", r.ID)
	}
	named := slices.ContainsFunc(securityGroupRules.list(c), func(rule *row[securityGroupRule]) bool {
		return rule.Data.Peer == r.ID && rule.Data.Group != r.ID
	})
	worn := slices.ContainsFunc(networkInterfaces.list(c), func(i *row[networkInterface]) bool {
		return slices.Contains(i.Data.Groups, r.ID) && !i.deleted(c.now())
	})
	if named || worn {
		return nil, refuse("DependencyViolation", "resource %s has a dependent object", r.ID)
	}
	removeGroup(c, r)
	return &ec2.DeleteSecurityGroupOutput{GroupId: in.GroupId, Return: aws.Bool(true)}, nil
}

func removeGroup(c *call, r *row[securityGroup]) {
	for _, rule := range securityGroupRules.of(c, r.ID) {
		securityGroupRules.delete(c, rule)
	}
	securityGroups.delete(c, r)
}

func groupARN(c *call, id string) string {
	return strings.Join([]string{"arn:aws:ec2", c.Region, c.Account, "security-group/" + id}, ":")
}

func showSecurityGroup(c *call, r *row[securityGroup]) types.SecurityGroup {
	shown := types.SecurityGroup{
		GroupId: aws.String(r.ID), GroupName: aws.String(r.Data.GroupName), Description: aws.String(r.Data.Description),
		VpcId: aws.String(r.Data.VPC), OwnerId: aws.String(c.Account), SecurityGroupArn: aws.String(groupARN(c, r.ID)), Tags: ec2Tags(c.shown(&r.meta)),
	}
	for _, rule := range securityGroupRules.of(c, r.ID) {
		if rule.Data.Egress {
			shown.IpPermissionsEgress = rule.Data.mergeInto(c, shown.IpPermissionsEgress)
		} else {
			shown.IpPermissions = rule.Data.mergeInto(c, shown.IpPermissions)
		}
	}
	return shown
}
