package leftover

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/platform/fault"
)

func lookSecurityGroup(ctx context.Context, in AWS, id string) (presence, error) {
	out, err := in.EC2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: byID("group-id", id)})
	if err != nil {
		return absent, err
	}
	return some(out.SecurityGroups, nil)
}

// removeSecurityGroup first revokes the rules that name the group, in whatever
// group of the cluster they are: a controller adds them to the group of the
// nodes, and takes them back only if it lives to see its load balancer go.
func removeSecurityGroup(ctx context.Context, l *Leftover) error {
	for _, direction := range []string{"ip-permission.group-id", "egress.ip-permission.group-id"} {
		out, err := l.aws.EC2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: byID(direction, l.ID())})
		if err != nil {
			return err
		}
		for _, group := range out.SecurityGroups {
			if aws.ToString(group.GroupId) == l.ID() {
				continue
			}
			if err := revoke(ctx, l, group); err != nil {
				return err
			}
		}
	}
	_, err := l.aws.EC2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: aws.String(l.ID())})
	return err
}

// revoke takes the rules that name the leftover out of another group, if that is
// the cluster's.
func revoke(ctx context.Context, l *Leftover, in types.SecurityGroup) error {
	if owner := (&Finder{Owner: l.owner}); !owner.owned(ec2Tags(in.Tags)) && !owner.declared(ec2Tags(in.Tags)) {
		return &fault.Fault{
			Kind: fault.Precondition, Class: fault.Configuration, Message: "a rule of the security group " + aws.ToString(in.GroupId) + " (" + aws.ToString(in.GroupName) + "), which is not Skep's, names " + l.ID(),
			Remedy: "Remove that rule, or the group if it is not needed. The deletion goes on by itself within a minute.",
		}
	}
	if rules := naming(in.IpPermissions, l.ID()); len(rules) > 0 {
		_, err := l.aws.EC2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: in.GroupId, IpPermissions: rules})
		if err := errorclass.IgnoreNotFound(err); err != nil {
			return err
		}
	}
	if rules := naming(in.IpPermissionsEgress, l.ID()); len(rules) > 0 {
		_, err := l.aws.EC2.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: in.GroupId, IpPermissions: rules})
		if err := errorclass.IgnoreNotFound(err); err != nil {
			return err
		}
	}
	return nil
}

// naming is what of these permissions names a group, and no more of it.
func naming(permissions []types.IpPermission, group string) []types.IpPermission {
	var found []types.IpPermission
	for _, p := range permissions {
		for _, pair := range p.UserIdGroupPairs {
			if aws.ToString(pair.GroupId) == group {
				found = append(found, types.IpPermission{
					IpProtocol: p.IpProtocol, FromPort: p.FromPort, ToPort: p.ToPort,
					UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: pair.GroupId, UserId: pair.UserId, Description: pair.Description}},
				})
			}
		}
	}
	return found
}
