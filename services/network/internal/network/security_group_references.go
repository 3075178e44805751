package network

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/session"
)

// release revokes the rules of the cluster's other groups that name this one. They
// went before it, unless they were too new to show when it was their turn; then
// two groups that name one another would keep each other for ever. The rules of
// groups that are not the cluster's stay: they are named as what is in the way.
func (s *SecurityGroup) release(ctx context.Context) error {
	out, err := s.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: []types.Filter{
		{Name: aws.String("ip-permission.group-id"), Values: []string{s.ID()}},
		{Name: aws.String("tag:" + session.TagCluster), Values: []string{s.owner.Cluster}},
	}})
	if err != nil {
		return err
	}
	for _, group := range out.SecurityGroups {
		if naming := s.naming(group); len(naming) > 0 {
			if _, err := s.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: group.GroupId, IpPermissions: naming}); err != nil {
				return errorclass.IgnoreNotFound(err)
			}
		}
	}
	return nil
}

// naming are the rules of another group that name this one, without the ranges
// that they may name beside it.
func (s *SecurityGroup) naming(other types.SecurityGroup) []types.IpPermission {
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
