package network

import (
	"net/netip"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/engine/graph"
)

// Rule is one ingress rule: it allows one protocol and port range from one source.
type Rule struct {
	Description string
	Protocol    string
	From, To    int32
	// The source is Group, Address or CIDR, in this order: the first that is set.
	CIDR    netip.Prefix
	Group   *SecurityGroup
	Address *Address // an egress address of the network
}

// These are the protocols of the rules, as EC2 spells them.
const (
	tcp = "tcp"
	udp = "udp"
	// ipInIP is protocol number 4. It has no ports.
	ipInIP = "4"
)

func (r Rule) needs() []graph.Resource {
	switch {
	case r.Group != nil:
		return []graph.Resource{r.Group}
	case r.Address != nil:
		return []graph.Resource{r.Address}
	}
	return nil
}

func (r Rule) permission() types.IpPermission {
	p := types.IpPermission{IpProtocol: aws.String(r.Protocol)}
	if r.Protocol != ipInIP {
		p.FromPort, p.ToPort = aws.Int32(r.From), aws.Int32(r.To)
	}
	switch {
	case r.Group != nil:
		p.UserIdGroupPairs = []types.UserIdGroupPair{{GroupId: aws.String(r.Group.ID()), Description: aws.String(r.Description)}}
	case r.Address != nil:
		p.IpRanges = []types.IpRange{{CidrIp: aws.String(r.Address.Attribute(PublicIP) + "/32"), Description: aws.String(r.Description)}}
	default:
		p.IpRanges = []types.IpRange{{CidrIp: aws.String(r.CIDR.String()), Description: aws.String(r.Description)}}
	}
	return p
}

// flatRule is a permission with exactly one source, in a comparable form.
type flatRule struct {
	protocol    string
	from, to    int32
	cidr, group string
	description string
}

func flatten(p types.IpPermission) []flatRule {
	base := flatRule{protocol: aws.ToString(p.IpProtocol), from: aws.ToInt32(p.FromPort), to: aws.ToInt32(p.ToPort)}
	if base.protocol == ipInIP {
		// AWS returns -1 as the ports of a protocol without ports.
		base.from, base.to = 0, 0
	}
	var flat []flatRule
	for _, r := range p.IpRanges {
		one := base
		one.cidr, one.description = aws.ToString(r.CidrIp), aws.ToString(r.Description)
		flat = append(flat, one)
	}
	for _, g := range p.UserIdGroupPairs {
		one := base
		one.group, one.description = aws.ToString(g.GroupId), aws.ToString(g.Description)
		flat = append(flat, one)
	}
	return flat
}

func (f flatRule) permission() types.IpPermission {
	p := types.IpPermission{IpProtocol: aws.String(f.protocol)}
	if f.protocol != ipInIP {
		p.FromPort, p.ToPort = aws.Int32(f.from), aws.Int32(f.to)
	}
	if f.group != "" {
		p.UserIdGroupPairs = []types.UserIdGroupPair{{GroupId: aws.String(f.group), Description: aws.String(f.description)}}
		return p
	}
	p.IpRanges = []types.IpRange{{CidrIp: aws.String(f.cidr), Description: aws.String(f.description)}}
	return p
}
