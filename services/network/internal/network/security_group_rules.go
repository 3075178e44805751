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

// SecurityGroupRules are all ingress rules of one security group. They are a
// thing of their own because groups refer to one another: all groups are made
// before any rule, and all rules are gone before any group.
type SecurityGroupRules struct {
	graph.Node
	account
	Group *SecurityGroup
	Rules []Rule
}

// Name implements graph.Resource.
func (s *SecurityGroupRules) Name() string { return "security-group-rules/" + string(s.Group.Role) }

// Needs implements graph.Resource.
func (s *SecurityGroupRules) Needs() []graph.Resource {
	needs := []graph.Resource{s.Group}
	seen := map[graph.Resource]bool{s.Group: true}
	for _, rule := range s.Rules {
		for _, need := range rule.needs() {
			if !seen[need] {
				seen[need] = true
				needs = append(needs, need)
			}
		}
	}
	return needs
}

// Key implements graph.Keyed: a group has one set of rules.
func (s *SecurityGroupRules) Key() string { return s.Group.ID() }

// Container implements graph.Contained: rules go with their group, and the groups
// that they name stay until then.
func (s *SecurityGroupRules) Container() (kind string, holds bool) { return "security-group", true }

// Observe implements graph.Resource.
func (s *SecurityGroupRules) Observe(ctx context.Context) (graph.State, error) {
	group, err := s.find(ctx)
	if err != nil || group == nil {
		return graph.Absent, err
	}
	missing, surplus := s.compare(group)
	switch {
	case len(missing)+len(surplus) == 0:
		return graph.Ready, nil
	case len(group.IpPermissions) == 0:
		return graph.Absent, nil
	}
	return graph.Drifted, nil
}

func (s *SecurityGroupRules) find(ctx context.Context) (*types.SecurityGroup, error) {
	out, err := s.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{s.ID()}})
	if err != nil {
		return nil, errorclass.IgnoreNotFound(err)
	}
	return session.Only(out.SecurityGroups)
}

// compare returns the rules that are declared and not there, and those that are
// there and not declared.
func (s *SecurityGroupRules) compare(group *types.SecurityGroup) (missing, surplus []types.IpPermission) {
	there := make(map[flatRule]bool)
	for _, permission := range group.IpPermissions {
		for _, flat := range flatten(permission) {
			there[flat] = true
		}
	}
	wanted := make(map[flatRule]bool)
	for _, rule := range s.Rules {
		for _, flat := range flatten(rule.permission()) {
			wanted[flat] = true
			if !there[flat] {
				missing = append(missing, flat.permission())
			}
		}
	}
	for flat := range there {
		if !wanted[flat] {
			surplus = append(surplus, flat.permission())
		}
	}
	return missing, surplus
}

// Create implements graph.Resource: all rules in one call.
func (s *SecurityGroupRules) Create(ctx context.Context) (graph.State, error) {
	var permissions []types.IpPermission
	for _, rule := range s.Rules {
		for _, flat := range flatten(rule.permission()) {
			permissions = append(permissions, flat.permission())
		}
	}
	_, err := s.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: aws.String(s.ID()), IpPermissions: permissions,
	})
	if errorclass.Code(err) == "InvalidPermission.Duplicate" {
		// An earlier create did it, or some of it.
		err = s.Update(ctx)
	}
	if err != nil {
		return graph.Absent, err
	}
	return graph.Ready, nil
}

// Update implements graph.Updater. It adds before it takes away, so that a rule
// whose description changes leaves no gap.
func (s *SecurityGroupRules) Update(ctx context.Context) error {
	group, err := s.find(ctx)
	if err != nil || group == nil {
		return err
	}
	missing, surplus := s.compare(group)
	if len(missing) > 0 {
		if _, err := s.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: group.GroupId, IpPermissions: missing}); err != nil {
			return err
		}
	}
	if len(surplus) > 0 {
		if _, err := s.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: group.GroupId, IpPermissions: surplus}); err != nil {
			return err
		}
	}
	return nil
}

// Delete implements graph.Resource.
func (s *SecurityGroupRules) Delete(ctx context.Context) error {
	group, err := s.find(ctx)
	if err != nil || group == nil || len(group.IpPermissions) == 0 {
		return err
	}
	_, err = s.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: group.GroupId, IpPermissions: group.IpPermissions})
	return errorclass.IgnoreNotFound(err)
}
