package judge

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/services/network/internal/leftover/finding"
	"github.com/skep-dev/skep/services/network/internal/leftover/ownership"
)

// endpoints judges the VPC endpoints. An endpoint blocks its network interfaces, which AWS
// deletes after it.
func (j judge) endpoints() []finding.Finding {
	var found []finding.Finding
	for _, e := range j.Endpoints {
		t := ownership.EC2Tags(e.Tags)
		ending := strings.EqualFold(string(e.State), string(types.StateDeleted)) || strings.EqualFold(string(e.State), string(types.StateDeleting))
		if ending || j.Accounts(aws.ToString(e.VpcEndpointId), t) {
			continue
		}
		one := finding.Finding{
			Type: finding.VPCEndpoint, ID: aws.ToString(e.VpcEndpointId), Name: nameOr(t, aws.ToString(e.ServiceName)),
			Disposition: j.disposition(t), Creator: j.Cluster.CreatorOrAccount(t, e.OwnerId), CreateTime: aws.ToTime(e.CreationTimestamp),
			Blocks: slices.Concat([]string{j.VPC}, e.NetworkInterfaceIds, e.SubnetIds), Price: finding.Hourly(finding.EndpointZoneHour, len(e.SubnetIds)),
		}
		for _, group := range e.Groups {
			one.Blocks = append(one.Blocks, aws.ToString(group.GroupId))
		}
		found = append(found, one)
	}
	return found
}

// securityGroups judges the security groups. A group blocks the groups that its rules name.
func (j judge) securityGroups() []finding.Finding {
	var found []finding.Finding
	for _, g := range j.SecurityGroups {
		t := ownership.EC2Tags(g.Tags)
		if aws.ToString(g.GroupName) == "default" || j.Accounts(aws.ToString(g.GroupId), t) {
			continue
		}
		one := finding.Finding{
			Type: finding.SecurityGroup, ID: aws.ToString(g.GroupId), Name: aws.ToString(g.GroupName), Disposition: j.disposition(t),
			Creator: j.Cluster.CreatorOrAccount(t, g.OwnerId), Blocks: []string{j.VPC}, Price: finding.Free,
		}
		for _, permission := range slices.Concat(g.IpPermissions, g.IpPermissionsEgress) {
			for _, peer := range permission.UserIdGroupPairs {
				// Leftovers may name each other: package removal revokes those rules. As
				// dependencies they would be a cycle.
				if j.Known(aws.ToString(peer.GroupId)) {
					one.Blocks = append(one.Blocks, aws.ToString(peer.GroupId))
				}
			}
		}
		found = append(found, one)
	}
	return found
}

// natGateways judges the NAT gateways. No controller creates one, so each is foreign.
func (j judge) natGateways() []finding.Finding {
	var found []finding.Finding
	for _, g := range j.NATGateways {
		t := ownership.EC2Tags(g.Tags)
		ending := g.State != types.NatGatewayStateAvailable && g.State != types.NatGatewayStatePending
		if ending || j.Accounts(aws.ToString(g.NatGatewayId), t) || j.Cluster.CreatedBySkep(t) {
			continue
		}
		found = append(found, finding.Finding{
			Type: finding.NATGateway, ID: aws.ToString(g.NatGatewayId), Name: t["Name"], Disposition: finding.Foreign,
			Creator: j.Cluster.Creator(t), CreateTime: aws.ToTime(g.CreateTime),
			Blocks: []string{j.VPC, aws.ToString(g.SubnetId), finding.InternetGatewayAttachmentKey}, Price: finding.Hourly(finding.NATGatewayHour, 1),
		})
	}
	return found
}

// subnets judges the subnets. No controller creates one, so each is foreign.
func (j judge) subnets() []finding.Finding {
	var found []finding.Finding
	for _, n := range j.Subnets {
		t := ownership.EC2Tags(n.Tags)
		if id := aws.ToString(n.SubnetId); !j.Accounts(id, t) {
			found = append(found, finding.Finding{
				Type: finding.Subnet, ID: id, Name: nameOr(t, aws.ToString(n.CidrBlock)), Disposition: finding.Foreign,
				Creator: j.Cluster.CreatorOrAccount(t, n.OwnerId), Blocks: []string{j.VPC}, Price: finding.Free,
			})
		}
	}
	return found
}

// routeTables judges the route tables except the main one, which AWS deletes with the VPC. No
// controller creates one, so each is foreign.
func (j judge) routeTables() []finding.Finding {
	var found []finding.Finding
	for _, table := range j.RouteTables {
		t := ownership.EC2Tags(table.Tags)
		isMain := slices.ContainsFunc(table.Associations, func(a types.RouteTableAssociation) bool { return aws.ToBool(a.Main) })
		if id := aws.ToString(table.RouteTableId); !isMain && !j.Accounts(id, t) {
			found = append(found, finding.Finding{
				Type: finding.RouteTable, ID: id, Name: t["Name"], Disposition: finding.Foreign,
				Creator: j.Cluster.CreatorOrAccount(t, table.OwnerId), Blocks: []string{j.VPC}, Price: finding.Free,
			})
		}
	}
	return found
}

// peerings judges the peering connections. A network declares none, so each is foreign.
func (j judge) peerings() []finding.Finding {
	var found []finding.Finding
	for _, p := range j.Peerings {
		if p.Status == nil || p.Status.Code != types.VpcPeeringConnectionStateReasonCodeActive && p.Status.Code != types.VpcPeeringConnectionStateReasonCodePendingAcceptance {
			continue
		}
		t := ownership.EC2Tags(p.Tags)
		var requester *string
		if p.RequesterVpcInfo != nil {
			requester = p.RequesterVpcInfo.OwnerId
		}
		found = append(found, finding.Finding{
			Type: finding.VPCPeeringConnection, ID: aws.ToString(p.VpcPeeringConnectionId), Name: t["Name"], Disposition: finding.Foreign,
			Creator: j.Cluster.CreatorOrAccount(t, requester), Blocks: []string{j.VPC}, Price: finding.Free,
		})
	}
	return found
}
