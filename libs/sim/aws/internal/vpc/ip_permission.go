package vpc

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// protocols are the protocol numbers that EC2 shows by name.
var protocols = map[string]string{"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}

// expandPermissions converts permissions, each with several sources or destinations, to rules, each with one.
func expandPermissions(c *engine.Call, g *engine.Resource[SecurityGroup], egress bool, permissions []types.IpPermission) ([]SecurityGroupRule, error) {
	var rules []SecurityGroupRule
	for _, p := range permissions {
		base, err := traffic(p)
		if err != nil {
			return nil, err
		}
		base.Group, base.Egress = g.ID, egress
		before := len(rules)
		for _, end := range p.IpRanges {
			prefix, err := block("CidrIp", end.CidrIp)
			if err != nil || !prefix.Addr().Is4() {
				return nil, engine.InvalidParameter("CidrIp", aws.ToString(end.CidrIp))
			}
			rule := base
			rule.IPv4, rule.Description = prefix.String(), aws.ToString(end.Description)
			rules = append(rules, rule)
		}
		for _, end := range p.Ipv6Ranges {
			prefix, err := block("CidrIpv6", end.CidrIpv6)
			if err != nil || !prefix.Addr().Is6() {
				return nil, engine.InvalidParameter("CidrIpv6", aws.ToString(end.CidrIpv6))
			}
			rule := base
			rule.IPv6, rule.Description = prefix.String(), aws.ToString(end.Description)
			rules = append(rules, rule)
		}
		for _, end := range p.PrefixListIds {
			rule := base
			rule.PrefixList, rule.Description = aws.ToString(end.PrefixListId), aws.ToString(end.Description)
			rules = append(rules, rule)
		}
		for _, end := range p.UserIdGroupPairs {
			if end.UserId != nil && *end.UserId != c.Account {
				c.Unsimulated("UserIdGroupPairs.UserId", *end.UserId)
			}
			engine.Guard(c.Operation, &end, "GroupId", "Description", "UserId")
			peer, err := SecurityGroups.Get(c, end.GroupId)
			if err != nil {
				return nil, err
			}
			rule := base
			rule.Peer, rule.Description = peer.ID, aws.ToString(end.Description)
			rules = append(rules, rule)
		}
		if len(rules) == before {
			return nil, engine.Refuse("MissingParameter", "Either 'cidrIp', 'cidrIpv6', a group or a prefix list must be given")
		}
	}
	if len(rules) == 0 {
		return nil, engine.MissingParameter("ipPermissions")
	}
	return rules, nil
}

// traffic returns a rule with the protocol and ports of a permission, without source or destination.
func traffic(p types.IpPermission) (SecurityGroupRule, error) {
	rule := SecurityGroupRule{Protocol: aws.ToString(p.IpProtocol), From: -1, To: -1}
	if name, ok := protocols[rule.Protocol]; ok {
		rule.Protocol = name
	}
	switch rule.Protocol {
	case "":
		return rule, engine.MissingParameter("ipProtocol")
	case "tcp", "udp", "icmp", "icmpv6":
	default: // other protocols have no ports
		return rule, nil
	}
	ports := rule.Protocol == "tcp" || rule.Protocol == "udp"
	if ports && (p.FromPort == nil || p.ToPort == nil) {
		return rule, engine.Refuse("InvalidParameterValue", "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.")
	}
	if p.FromPort != nil {
		rule.From = *p.FromPort
	}
	if p.ToPort != nil {
		rule.To = *p.ToPort
	}
	if ports && (rule.From < 0 || rule.To > 65535 || rule.From > rule.To) {
		return rule, engine.Refuse("InvalidParameterValue", "Invalid TCP/UDP port range (%d:%d)", rule.From, rule.To)
	}
	return rule, nil
}

// mergeInto adds a rule to permissions in the form of DescribeSecurityGroups: one for each protocol and port range.
func (r SecurityGroupRule) mergeInto(c *engine.Call, permissions []types.IpPermission) []types.IpPermission {
	i := slices.IndexFunc(permissions, func(p types.IpPermission) bool {
		known, err := traffic(p)
		return err == nil && known.Protocol == r.Protocol && known.From == r.From && known.To == r.To
	})
	if i < 0 {
		p := types.IpPermission{IpProtocol: aws.String(r.Protocol)}
		if r.Protocol != "-1" {
			p.FromPort, p.ToPort = aws.Int32(r.From), aws.Int32(r.To)
		}
		permissions = append(permissions, p)
		i = len(permissions) - 1
	}
	p, description := &permissions[i], engine.Optional(r.Description)
	switch {
	case r.IPv4 != "":
		p.IpRanges = append(p.IpRanges, types.IpRange{CidrIp: aws.String(r.IPv4), Description: description})
	case r.IPv6 != "":
		p.Ipv6Ranges = append(p.Ipv6Ranges, types.Ipv6Range{CidrIpv6: aws.String(r.IPv6), Description: description})
	case r.PrefixList != "":
		p.PrefixListIds = append(p.PrefixListIds, types.PrefixListId{PrefixListId: aws.String(r.PrefixList), Description: description})
	default:
		p.UserIdGroupPairs = append(p.UserIdGroupPairs, types.UserIdGroupPair{
			GroupId: aws.String(r.Peer), UserId: aws.String(c.Account), Description: description,
		})
	}
	return permissions
}
