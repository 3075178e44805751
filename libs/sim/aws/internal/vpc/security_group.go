package vpc

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/ec2api"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// SecurityGroup controls the traffic of network interfaces. AWS creates the group named default with the VPC.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
type SecurityGroup struct{ VPC, GroupName, Description string }

// Owner implements engine.Attributes.
func (g SecurityGroup) Owner() string { return g.VPC }

// DisplayName implements engine.Named.
func (g SecurityGroup) DisplayName() string { return g.GroupName }

// Summary implements engine.Attributes.
func (g SecurityGroup) Summary(name func(id string) string) string {
	return g.GroupName + " in " + name(g.VPC)
}
func (g SecurityGroup) isDefault() bool { return g.GroupName == "default" }

// SecurityGroups is the resource type with the attributes SecurityGroup.
var SecurityGroups = engine.NewType[SecurityGroup](engine.Type{
	Service: "EC2", Name: "SecurityGroup", Noun: "security group", Prefix: "sg", TagType: "security-group",
	NotFound: "InvalidGroup.NotFound", Malformed: "InvalidGroupId.Malformed",
})

var securityGroupFilters = ec2api.Filters[SecurityGroup]{
	"group-id":                      ec2api.ByID[SecurityGroup],
	"owner-id":                      ec2api.ByAccount[SecurityGroup],
	"group-name":                    ec2api.ByText(func(g SecurityGroup) string { return g.GroupName }),
	"description":                   ec2api.ByText(func(g SecurityGroup) string { return g.Description }),
	"vpc-id":                        ec2api.ByText(func(g SecurityGroup) string { return g.VPC }),
	"ip-permission.group-id":        peers(false),
	"egress.ip-permission.group-id": peers(true),
}

// peers makes a filter on the groups that the rules of one direction name.
func peers(egress bool) func(*engine.Call, *engine.Resource[SecurityGroup]) []string {
	return func(c *engine.Call, r *engine.Resource[SecurityGroup]) (ids []string) {
		for _, rule := range SecurityGroupRules.OwnedBy(c, r.ID) {
			if rule.Data.Egress == egress && rule.Data.Peer != "" {
				ids = append(ids, rule.Data.Peer)
			}
		}
		return ids
	}
}

func handleSecurityGroup(s *engine.Service) {
	engine.Handle(s, "CreateSecurityGroup", engine.Fields{"Description", "GroupName", "VpcId", "TagSpecifications"}, CreateSecurityGroup)
	engine.Handle(s, "DeleteSecurityGroup", engine.Fields{"GroupId"}, deleteSecurityGroup)
	engine.Handle(s, "DescribeSecurityGroups", engine.Fields{"Filters", "MaxResults", "NextToken", "GroupIds"}, func(c *engine.Call, in *ec2.DescribeSecurityGroupsInput) (*ec2.DescribeSecurityGroupsOutput, error) {
		shown, next, err := ec2api.Describe(c, SecurityGroups, securityGroupFilters, ec2api.Query{IDs: in.GroupIds, Filters: in.Filters, Max: in.MaxResults, Next: in.NextToken}, showSecurityGroup)
		return &ec2.DescribeSecurityGroupsOutput{SecurityGroups: shown, NextToken: next}, err
	})
}

// CreateSecurityGroup refuses a name that another group of the VPC has.
func CreateSecurityGroup(c *engine.Call, in *ec2.CreateSecurityGroupInput) (*ec2.CreateSecurityGroupOutput, error) {
	name, description := aws.ToString(in.GroupName), aws.ToString(in.Description)
	v, err := VPCs.Get(c, in.VpcId)
	if err != nil {
		return nil, err
	}
	switch {
	case name == "" || len(name) > 255 || strings.HasPrefix(name, "sg-") || name == "default":
		return nil, engine.InvalidParameter("groupName", name)
	case description == "" || len(description) > 255:
		return nil, engine.InvalidParameter("GroupDescription", description)
	}
	tags, err := ec2api.ReadTags(c, in.TagSpecifications, SecurityGroups.TagType)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(SecurityGroups.OwnedBy(c, v.ID), func(g *engine.Resource[SecurityGroup]) bool { return g.Data.GroupName == name }) {
		return nil, engine.Refuse("InvalidGroup.Duplicate", "The security group '%s' already exists for VPC '%s'", name, v.ID)
	}
	if err := c.CheckQuota("SecurityGroupsPerRegion", len(SecurityGroups.List(c)), "SecurityGroupLimitExceeded", "The maximum number of security groups has been reached."); err != nil {
		return nil, err
	}
	r := SecurityGroups.Create(c, "", SecurityGroup{VPC: v.ID, GroupName: name, Description: description}, tags)
	allowAllEgress(c, r.ID)
	return &ec2.CreateSecurityGroupOutput{GroupId: aws.String(r.ID), SecurityGroupArn: aws.String(groupARN(c, r.ID)), Tags: ec2api.Tags(tags)}, nil
}

// createDefaultGroup creates the default group of a VPC, which allows all ingress from itself and all egress.
func createDefaultGroup(c *engine.Call, vpc string) {
	r := SecurityGroups.Create(c, "", SecurityGroup{VPC: vpc, GroupName: "default", Description: "default VPC security group"}, nil)
	r.CreatedBy = engine.ByAWS
	SecurityGroups.Put(c, r)
	inside := SecurityGroupRules.Create(c, "", SecurityGroupRule{Group: r.ID, Protocol: "-1", From: -1, To: -1, Peer: r.ID}, nil)
	inside.CreatedBy = engine.ByAWS
	SecurityGroupRules.Put(c, inside)
	allowAllEgress(c, r.ID)
}

// allowAllEgress adds the rule that every new group has.
func allowAllEgress(c *engine.Call, group string) {
	r := SecurityGroupRules.Create(c, "", SecurityGroupRule{Group: group, Egress: true, Protocol: "-1", From: -1, To: -1, IPv4: "0.0.0.0/0"}, nil)
	r.CreatedBy = engine.ByAWS
	SecurityGroupRules.Put(c, r)
}

// DefaultSecurityGroup returns the group that AWS created with the VPC.
func DefaultSecurityGroup(c *engine.Call, vpc string) *engine.Resource[SecurityGroup] {
	groups := SecurityGroups.OwnedBy(c, vpc)
	return groups[slices.IndexFunc(groups, func(g *engine.Resource[SecurityGroup]) bool { return g.Data.isDefault() })]
}

// deleteSecurityGroup refuses while a network interface has the group or a rule of another group names it.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html
func deleteSecurityGroup(c *engine.Call, in *ec2.DeleteSecurityGroupInput) (*ec2.DeleteSecurityGroupOutput, error) {
	r, err := SecurityGroups.Get(c, in.GroupId)
	if err != nil {
		return nil, err
	}
	if r.Data.isDefault() {
		return nil, engine.Refuse("CannotDelete", "the specified group: \"%s\" name: \"default\" cannot be deleted by a user", r.ID)
	}
	named := slices.ContainsFunc(SecurityGroupRules.List(c), func(rule *engine.Resource[SecurityGroupRule]) bool {
		return rule.Data.Peer == r.ID && rule.Data.Group != r.ID
	})
	inUse := slices.ContainsFunc(NetworkInterfaces.List(c), func(i *engine.Resource[NetworkInterface]) bool {
		return slices.Contains(i.Data.Groups, r.ID) && !i.Deleted(c.Now())
	})
	if named || inUse {
		return nil, engine.Refuse("DependencyViolation", "resource %s has a dependent object", r.ID)
	}
	removeGroup(c, r)
	return &ec2.DeleteSecurityGroupOutput{GroupId: in.GroupId, Return: aws.Bool(true)}, nil
}

func removeGroup(c *engine.Call, r *engine.Resource[SecurityGroup]) {
	for _, rule := range SecurityGroupRules.OwnedBy(c, r.ID) {
		SecurityGroupRules.Delete(c, rule)
	}
	SecurityGroups.Delete(c, r)
}

func groupARN(c *engine.Call, id string) string {
	return strings.Join([]string{"arn:aws:ec2", c.Region, c.Account, "security-group/" + id}, ":")
}

func showSecurityGroup(c *engine.Call, r *engine.Resource[SecurityGroup]) types.SecurityGroup {
	shown := types.SecurityGroup{
		GroupId: aws.String(r.ID), GroupName: aws.String(r.Data.GroupName), Description: aws.String(r.Data.Description),
		VpcId: aws.String(r.Data.VPC), OwnerId: aws.String(c.Account), SecurityGroupArn: aws.String(groupARN(c, r.ID)), Tags: ec2api.Tags(c.VisibleTags(&r.Metadata)),
	}
	for _, rule := range SecurityGroupRules.OwnedBy(c, r.ID) {
		if rule.Data.Egress {
			shown.IpPermissionsEgress = rule.Data.mergeInto(c, shown.IpPermissionsEgress)
		} else {
			shown.IpPermissions = rule.Data.mergeInto(c, shown.IpPermissions)
		}
	}
	return shown
}
