package leftover

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// judgeEndpoints judges the endpoints that the network did not declare. They
// stand on their network interfaces, which AWS removes after them.
func (s *scenery) judgeEndpoints() []Thing {
	var things []Thing
	for _, e := range s.endpoints {
		t := ec2Tags(e.Tags)
		ending := strings.EqualFold(string(e.State), string(types.StateDeleted)) || strings.EqualFold(string(e.State), string(types.StateDeleting))
		if ending || s.known(aws.ToString(e.VpcEndpointId), t) {
			continue
		}
		thing := Thing{
			Sort: VPCEndpoint, ID: aws.ToString(e.VpcEndpointId), Name: nameOf(t, aws.ToString(e.ServiceName)), Fate: s.fate(t), Creator: s.made(t, e.OwnerId),
			Since: aws.ToTime(e.CreationTimestamp), Price: hourly(endpointZoneHour, len(e.SubnetIds)),
			On: slices.Concat([]string{s.VPC}, e.NetworkInterfaceIds, e.SubnetIds),
		}
		for _, group := range e.Groups {
			thing.On = append(thing.On, aws.ToString(group.GroupId))
		}
		things = append(things, thing)
	}
	return things
}

// judgeSecurityGroups judges the groups that the network did not declare. A
// group keeps those from going that its rules name.
func (s *scenery) judgeSecurityGroups() []Thing {
	var things []Thing
	for _, g := range s.security {
		t := ec2Tags(g.Tags)
		if aws.ToString(g.GroupName) == "default" || s.known(aws.ToString(g.GroupId), t) {
			continue
		}
		thing := Thing{
			Sort: SecurityGroup, ID: aws.ToString(g.GroupId), Name: aws.ToString(g.GroupName), Fate: s.fate(t), Creator: s.made(t, g.OwnerId),
			On: []string{s.VPC}, Price: Price{Known: true},
		}
		for _, permission := range slices.Concat(g.IpPermissions, g.IpPermissionsEgress) {
			for _, peer := range permission.UserIdGroupPairs {
				// Leftovers may name one another: those rules are revoked.
				if s.Known(aws.ToString(peer.GroupId)) {
					thing.On = append(thing.On, aws.ToString(peer.GroupId))
				}
			}
		}
		things = append(things, thing)
	}
	return things
}

// judgeGateways judges the NAT gateways that the network did not declare.
func (s *scenery) judgeGateways() []Thing {
	var things []Thing
	for _, g := range s.gateways {
		t := ec2Tags(g.Tags)
		ending := g.State != types.NatGatewayStateAvailable && g.State != types.NatGatewayStatePending
		if ending || s.known(aws.ToString(g.NatGatewayId), t) || s.member(t) {
			continue
		}
		things = append(things, Thing{
			Sort: NATGateway, ID: aws.ToString(g.NatGatewayId), Name: t["Name"], Fate: Foreign, Creator: s.creator(t), Since: aws.ToTime(g.CreateTime),
			On: []string{s.VPC, aws.ToString(g.SubnetId), Door}, Price: hourly(natGatewayHour, 1),
		})
	}
	return things
}

// judgeSubnets judges the subnets that the network did not declare. Nothing but
// people makes them.
func (s *scenery) judgeSubnets() []Thing {
	var things []Thing
	for _, n := range s.subnets {
		t := ec2Tags(n.Tags)
		if id := aws.ToString(n.SubnetId); !s.known(id, t) {
			things = append(things, Thing{Sort: Subnet, ID: id, Name: nameOf(t, aws.ToString(n.CidrBlock)), Fate: Foreign, Creator: s.made(t, n.OwnerId),
				On: []string{s.VPC}, Price: Price{Known: true}})
		}
	}
	return things
}

// judgeTables judges the route tables that the network did not declare.
func (s *scenery) judgeTables() []Thing {
	var things []Thing
	for _, table := range s.tables {
		t := ec2Tags(table.Tags)
		main := slices.ContainsFunc(table.Associations, func(a types.RouteTableAssociation) bool { return aws.ToBool(a.Main) })
		if id := aws.ToString(table.RouteTableId); !main && !s.known(id, t) {
			things = append(things, Thing{Sort: RouteTable, ID: id, Name: t["Name"], Fate: Foreign, Creator: s.made(t, table.OwnerId),
				On: []string{s.VPC}, Price: Price{Known: true}})
		}
	}
	return things
}

// judgePeerings judges the peering connections, of which the network declares none.
func (s *scenery) judgePeerings() []Thing {
	var things []Thing
	for _, p := range s.peerings {
		if p.Status == nil || p.Status.Code != types.VpcPeeringConnectionStateReasonCodeActive && p.Status.Code != types.VpcPeeringConnectionStateReasonCodePendingAcceptance {
			continue
		}
		t := ec2Tags(p.Tags)
		var requester *string
		if p.RequesterVpcInfo != nil {
			requester = p.RequesterVpcInfo.OwnerId
		}
		things = append(things, Thing{Sort: Peering, ID: aws.ToString(p.VpcPeeringConnectionId), Name: t["Name"], Fate: Foreign, Creator: s.made(t, requester),
			On: []string{s.VPC}, Price: Price{Known: true}})
	}
	return things
}
