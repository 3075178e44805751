package network

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// DefaultSecurityGroup is the default security group of the VPC, without rules: a machine
// that gets it by accident is not reachable (CIS AWS Foundations). AWS creates and deletes the group
// with the VPC; this resource only revokes its rules.
type DefaultSecurityGroup struct {
	graph.Node
	account
	VPC *VPC
}

// Name implements graph.Resource.
func (d *DefaultSecurityGroup) Name() string { return "default-security-group" }

// Needs implements graph.Resource.
func (d *DefaultSecurityGroup) Needs() []graph.Resource { return []graph.Resource{d.VPC} }

// Key implements graph.NaturallyKeyed: a VPC has one default security group.
func (d *DefaultSecurityGroup) Key() string { return d.VPC.ID() }

// Observe implements graph.Resource.
func (d *DefaultSecurityGroup) Observe(ctx context.Context) (graph.State, error) {
	group, err := d.find(ctx)
	if err != nil || group == nil {
		return graph.Absent, err
	}
	if len(group.IpPermissions)+len(group.IpPermissionsEgress) > 0 {
		return graph.Drifted, nil
	}
	return graph.Ready, nil
}

func (d *DefaultSecurityGroup) find(ctx context.Context) (*types.SecurityGroup, error) {
	out, err := d.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: []types.Filter{
		{Name: aws.String("vpc-id"), Values: []string{d.ID()}},
		{Name: aws.String("group-name"), Values: []string{"default"}},
	}})
	if err != nil {
		return nil, errorclass.IgnoreNotFound(err)
	}
	return session.Only(out.SecurityGroups)
}

// Create implements graph.Resource. AWS creates the group with its VPC, so Create revokes its
// rules. While EC2 does not show the group yet, the resource is pending.
func (d *DefaultSecurityGroup) Create(ctx context.Context) (graph.State, error) {
	group, err := d.find(ctx)
	if err != nil {
		return graph.Absent, err
	}
	if group == nil {
		return graph.Pending, nil
	}
	return graph.Ready, d.empty(ctx, group)
}

// Update implements graph.Updater.
func (d *DefaultSecurityGroup) Update(ctx context.Context) error {
	group, err := d.find(ctx)
	if err != nil || group == nil {
		return err
	}
	return d.empty(ctx, group)
}

func (d *DefaultSecurityGroup) empty(ctx context.Context, group *types.SecurityGroup) error {
	if len(group.IpPermissions) > 0 {
		if _, err := d.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: group.GroupId, IpPermissions: group.IpPermissions}); err != nil {
			return err
		}
	}
	if len(group.IpPermissionsEgress) > 0 {
		if _, err := d.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: group.GroupId, IpPermissions: group.IpPermissionsEgress}); err != nil {
			return err
		}
	}
	return nil
}

// Delete implements graph.Resource. AWS deletes the group with its VPC.
func (d *DefaultSecurityGroup) Delete(context.Context) error { return nil }
