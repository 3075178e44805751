package network

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/session"
)

// release revokes the rules of the cluster's other groups that refer to this group. The graph deletes these
// rules before this group, but SecurityGroupRules.Delete misses a rule that EC2 does not show yet, and then two
// groups that refer to each other would block each other forever. release keeps the rules of foreign groups: the
// network service reports those groups as delete blockers.
func (s *SecurityGroup) release(ctx context.Context) error {
	out, err := s.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: []types.Filter{
		{Name: aws.String("ip-permission.group-id"), Values: []string{s.ID()}},
		{Name: aws.String("tag:" + session.TagCluster), Values: []string{s.owner.Cluster}},
	}})
	if err != nil {
		return err
	}
	for _, group := range out.SecurityGroups {
		if references := s.references(group); len(references) > 0 {
			if _, err := s.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: group.GroupId, IpPermissions: references}); err != nil {
				return errorclass.IgnoreNotFound(err)
			}
		}
	}
	return nil
}

// references returns the permissions of another group that have this group as source, without their other sources.
func (s *SecurityGroup) references(other types.SecurityGroup) []types.IpPermission {
	if aws.ToString(other.GroupId) == s.ID() {
		return nil
	}
	var found []types.IpPermission
	for _, permission := range other.IpPermissions {
		for _, pair := range permission.UserIdGroupPairs {
			if aws.ToString(pair.GroupId) == s.ID() {
				found = append(found, types.IpPermission{
					IpProtocol: permission.IpProtocol, FromPort: permission.FromPort, ToPort: permission.ToPort,
					UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: pair.GroupId}},
				})
			}
		}
	}
	return found
}
