package vpc

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/ec2api"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// SecurityGroupRule allows traffic. Exactly one of IPv4, IPv6, Peer and PrefixList is the source, or the destination of
// an egress rule.
// https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
type SecurityGroupRule struct {
	Group       string
	Egress      bool
	Protocol    string // "tcp", "udp", "icmp", "icmpv6", "-1" for all, or a number
	From, To    int32  // ports, or ICMP type and code; -1 for all
	IPv4, IPv6  string // CIDR block
	Peer        string // id of a security group
	PrefixList  string // id of a prefix list
	Description string
}

// Owner implements engine.Attributes.
func (r SecurityGroupRule) Owner() string { return r.Group }

// DisplayName implements engine.Named.
func (r SecurityGroupRule) DisplayName() string {
	if r.Egress {
		return "egress"
	}
	return "ingress"
}

// Summary implements engine.Attributes.
func (r SecurityGroupRule) Summary(name func(id string) string) string {
	end, traffic, direction := cmp.Or(r.IPv4, r.IPv6, r.PrefixList), r.Protocol, "from"
	if r.Peer != "" {
		end = name(r.Peer)
	}
	if r.Egress {
		direction = "to"
	}
	switch {
	case r.Protocol == "-1":
		traffic = "all"
	case r.From >= 0:
		traffic = fmt.Sprintf("%s %d-%d", r.Protocol, r.From, r.To)
	}
	return fmt.Sprintf("%s %s %s %s", name(r.Group), traffic, direction, end)
}

// same reports whether two rules allow the same traffic, descriptions disregarded.
func (r SecurityGroupRule) same(other SecurityGroupRule) bool {
	r.Description = other.Description
	return r == other
}

// SecurityGroupRules is the resource type with the attributes SecurityGroupRule.
var SecurityGroupRules = engine.NewType[SecurityGroupRule](engine.Type{
	Service: "EC2", Name: "SecurityGroupRule", Noun: "security group rule ID", Prefix: "sgr", TagType: "security-group-rule",
	NotFound: "InvalidSecurityGroupRuleId.NotFound", Malformed: "InvalidSecurityGroupRuleId.Malformed",
})

var securityGroupRuleFilters = ec2api.Filters[SecurityGroupRule]{
	"security-group-rule-id": ec2api.ByID[SecurityGroupRule],
	"group-id":               ec2api.ByText(func(r SecurityGroupRule) string { return r.Group }),
}

func handleSecurityGroupRule(s *engine.Service) {
	engine.Handle(s, "AuthorizeSecurityGroupIngress", engine.Fields{"GroupId", "IpPermissions", "TagSpecifications"}, func(c *engine.Call, in *ec2.AuthorizeSecurityGroupIngressInput) (*ec2.AuthorizeSecurityGroupIngressOutput, error) {
		rules, err := AuthorizeRules(c, in.GroupId, false, in.IpPermissions, in.TagSpecifications)
		return &ec2.AuthorizeSecurityGroupIngressOutput{Return: aws.Bool(err == nil), SecurityGroupRules: rules}, err
	})
	engine.Handle(s, "AuthorizeSecurityGroupEgress", engine.Fields{"GroupId", "IpPermissions", "TagSpecifications"}, func(c *engine.Call, in *ec2.AuthorizeSecurityGroupEgressInput) (*ec2.AuthorizeSecurityGroupEgressOutput, error) {
		rules, err := AuthorizeRules(c, in.GroupId, true, in.IpPermissions, in.TagSpecifications)
		return &ec2.AuthorizeSecurityGroupEgressOutput{Return: aws.Bool(err == nil), SecurityGroupRules: rules}, err
	})
	engine.Handle(s, "RevokeSecurityGroupIngress", engine.Fields{"GroupId", "IpPermissions", "SecurityGroupRuleIds"}, func(c *engine.Call, in *ec2.RevokeSecurityGroupIngressInput) (*ec2.RevokeSecurityGroupIngressOutput, error) {
		rules, err := revoke(c, in.GroupId, false, in.IpPermissions, in.SecurityGroupRuleIds)
		return &ec2.RevokeSecurityGroupIngressOutput{Return: aws.Bool(err == nil), RevokedSecurityGroupRules: rules}, err
	})
	engine.Handle(s, "RevokeSecurityGroupEgress", engine.Fields{"GroupId", "IpPermissions", "SecurityGroupRuleIds"}, func(c *engine.Call, in *ec2.RevokeSecurityGroupEgressInput) (*ec2.RevokeSecurityGroupEgressOutput, error) {
		rules, err := revoke(c, in.GroupId, true, in.IpPermissions, in.SecurityGroupRuleIds)
		return &ec2.RevokeSecurityGroupEgressOutput{Return: aws.Bool(err == nil), RevokedSecurityGroupRules: rules}, err
	})
	engine.Handle(s, "DescribeSecurityGroupRules", engine.Fields{"Filters", "MaxResults", "NextToken", "SecurityGroupRuleIds"}, func(c *engine.Call, in *ec2.DescribeSecurityGroupRulesInput) (*ec2.DescribeSecurityGroupRulesOutput, error) {
		shown, next, err := ec2api.Describe(c, SecurityGroupRules, securityGroupRuleFilters, ec2api.Query{IDs: in.SecurityGroupRuleIds, Filters: in.Filters, Max: in.MaxResults, Next: in.NextToken}, showRule)
		return &ec2.DescribeSecurityGroupRulesOutput{SecurityGroupRules: shown, NextToken: next}, err
	})
}

// AuthorizeRules adds rules to a group: all, or none if one exists already or the quota is exceeded.
func AuthorizeRules(c *engine.Call, group *string, egress bool, permissions []types.IpPermission, specifications []types.TagSpecification) ([]types.SecurityGroupRule, error) {
	g, err := SecurityGroups.Get(c, group)
	if err != nil {
		return nil, err
	}
	tags, err := ec2api.ReadTags(c, specifications, SecurityGroupRules.TagType)
	if err != nil {
		return nil, err
	}
	wanted, err := expandPermissions(c, g, egress, permissions)
	if err != nil {
		return nil, err
	}
	have := slices.DeleteFunc(SecurityGroupRules.OwnedBy(c, g.ID), func(r *engine.Resource[SecurityGroupRule]) bool { return r.Data.Egress != egress })
	for i, w := range wanted {
		twice := slices.ContainsFunc(wanted[:i], w.same)
		if twice || slices.ContainsFunc(have, func(r *engine.Resource[SecurityGroupRule]) bool { return r.Data.same(w) }) {
			return nil, engine.Refuse("InvalidPermission.Duplicate", "the specified rule \"%s\" already exists", w.Summary(func(id string) string { return id }))
		}
	}
	if err := c.CheckQuota("RulesPerSecurityGroup", len(have)+len(wanted)-1, "RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group has been reached."); err != nil {
		return nil, err
	}
	var shown []types.SecurityGroupRule
	for _, w := range wanted {
		shown = append(shown, showRule(c, SecurityGroupRules.Create(c, "", w, tags)))
	}
	return shown, nil
}

// revoke removes rules from a group, by id or by permission: all, or none if one does not exist.
func revoke(c *engine.Call, group *string, egress bool, permissions []types.IpPermission, ids []string) ([]types.RevokedSecurityGroupRule, error) {
	g, err := SecurityGroups.Get(c, group)
	if err != nil {
		return nil, err
	}
	have := slices.DeleteFunc(SecurityGroupRules.OwnedBy(c, g.ID), func(r *engine.Resource[SecurityGroupRule]) bool { return r.Data.Egress != egress })
	unwanted, err := expandPermissions(c, g, egress, permissions)
	if err != nil && len(ids) == 0 {
		return nil, err
	}
	var revoked []*engine.Resource[SecurityGroupRule]
	for _, id := range ids {
		i := slices.IndexFunc(have, func(r *engine.Resource[SecurityGroupRule]) bool { return r.ID == id })
		if i < 0 {
			return nil, engine.Refuse(SecurityGroupRules.NotFound, "The security group rule ID '%s' does not exist", id)
		}
		revoked = append(revoked, have[i])
	}
	for _, u := range unwanted {
		i := slices.IndexFunc(have, func(r *engine.Resource[SecurityGroupRule]) bool { return r.Data.same(u) })
		if i < 0 {
			return nil, engine.Refuse("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
		}
		revoked = append(revoked, have[i])
	}
	var shown []types.RevokedSecurityGroupRule
	for _, r := range revoked {
		SecurityGroupRules.Delete(c, r)
		shown = append(shown, types.RevokedSecurityGroupRule{
			SecurityGroupRuleId: aws.String(r.ID), GroupId: aws.String(g.ID), IsEgress: aws.Bool(egress), IpProtocol: aws.String(r.Data.Protocol),
			FromPort: aws.Int32(r.Data.From), ToPort: aws.Int32(r.Data.To), CidrIpv4: engine.Optional(r.Data.IPv4), CidrIpv6: engine.Optional(r.Data.IPv6),
			PrefixListId: engine.Optional(r.Data.PrefixList), ReferencedGroupId: engine.Optional(r.Data.Peer), Description: engine.Optional(r.Data.Description),
		})
	}
	return shown, nil
}

func showRule(c *engine.Call, r *engine.Resource[SecurityGroupRule]) types.SecurityGroupRule {
	shown := types.SecurityGroupRule{
		SecurityGroupRuleId: aws.String(r.ID), GroupId: aws.String(r.Data.Group), GroupOwnerId: aws.String(c.Account), IsEgress: aws.Bool(r.Data.Egress),
		IpProtocol: aws.String(r.Data.Protocol), FromPort: aws.Int32(r.Data.From), ToPort: aws.Int32(r.Data.To), CidrIpv4: engine.Optional(r.Data.IPv4),
		CidrIpv6: engine.Optional(r.Data.IPv6), PrefixListId: engine.Optional(r.Data.PrefixList), Description: engine.Optional(r.Data.Description), Tags: ec2api.Tags(c.VisibleTags(&r.Metadata)),
	}
	if r.Data.Peer != "" {
		shown.ReferencedGroupInfo = &types.ReferencedSecurityGroup{GroupId: aws.String(r.Data.Peer), UserId: aws.String(c.Account)}
	}
	return shown
}
