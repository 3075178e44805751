package removal

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/services/network/internal/leftover/ownership"
)

func observeSecurityGroup(ctx context.Context, api AWS, id string) (presence, error) {
	out, err := api.EC2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: byID("group-id", id)})
	if err != nil {
		return absent, err
	}
	return listed(out.SecurityGroups), nil
}

// deleteSecurityGroup first revokes the rules that name the group in the other groups of the
// cluster, because AWS refuses to delete a group that a rule names. A load balancer
// controller adds such rules to the group of the nodes, and revokes them only if it still
// runs when its load balancer is deleted.
func deleteSecurityGroup(ctx context.Context, l *Leftover) error {
	for _, direction := range []string{"ip-permission.group-id", "egress.ip-permission.group-id"} {
		out, err := l.aws.EC2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: byID(direction, l.ID())})
		if err != nil {
			return err
		}
		for _, group := range out.SecurityGroups {
			if aws.ToString(group.GroupId) == l.ID() {
				continue
			}
			if err := revokeRules(ctx, l, group); err != nil {
				return err
			}
		}
	}
	_, err := l.aws.EC2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: aws.String(l.ID())})
	return err
}

// revokeRules revokes the rules that name the leftover in another group. It fails if that
// group is foreign.
func revokeRules(ctx context.Context, l *Leftover, group types.SecurityGroup) error {
	if t := ownership.EC2Tags(group.Tags); !l.cluster.Owns(t) && !l.cluster.InNetwork(t) {
		id := aws.ToString(group.GroupId)
		return &fault.Fault{
			Kind: fault.Precondition, Class: fault.Configuration,
			Message: "a rule of the security group " + id + " (" + aws.ToString(group.GroupName) + "), which belongs to another creator, names " + l.ID(),
			Remedy:  "Revoke that rule, or delete the group if you do not need it. The delete then continues automatically within a minute.",
		}
	}
	if rules := rulesNaming(l.ID(), group.IpPermissions); len(rules) > 0 {
		_, err := l.aws.EC2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: group.GroupId, IpPermissions: rules})
		if err := errorclass.IgnoreNotFound(err); err != nil {
			return err
		}
	}
	if rules := rulesNaming(l.ID(), group.IpPermissionsEgress); len(rules) > 0 {
		_, err := l.aws.EC2.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: group.GroupId, IpPermissions: rules})
		if err := errorclass.IgnoreNotFound(err); err != nil {
			return err
		}
	}
	return nil
}

// rulesNaming returns the rules that name the group with this id. One permission holds many rules; the
// result contains none that names another peer.
func rulesNaming(id string, permissions []types.IpPermission) []types.IpPermission {
	var found []types.IpPermission
	for _, p := range permissions {
		for _, pair := range p.UserIdGroupPairs {
			if aws.ToString(pair.GroupId) == id {
				found = append(found, types.IpPermission{
					IpProtocol: p.IpProtocol, FromPort: p.FromPort, ToPort: p.ToPort,
					UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: pair.GroupId, UserId: pair.UserId, Description: pair.Description}},
				})
			}
		}
	}
	return found
}
