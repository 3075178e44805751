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

// SecurityGroupRules is the set of all ingress rules of one security group. It is a resource of its own
// because groups refer to each other: all groups are created before any rule, and all rules are
// deleted before any group.
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

// Key implements graph.NaturallyKeyed: a group has one set of rules.
func (s *SecurityGroupRules) Key() string { return s.Group.ID() }

// Container implements graph.Contained. AWS deletes rules with their group and refuses to delete the
// groups that they refer to before.
func (s *SecurityGroupRules) Container() (resourceType string, holds bool) {
	return "security-group", true
}

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

// compare returns the desired rules that the group lacks, and the observed rules that are not desired.
func (s *SecurityGroupRules) compare(group *types.SecurityGroup) (missing, surplus []types.IpPermission) {
	observed := make(map[flatRule]bool)
	for _, permission := range group.IpPermissions {
		for _, flat := range flatten(permission) {
			observed[flat] = true
		}
	}
	desired := make(map[flatRule]bool)
	for _, rule := range s.Rules {
		for _, flat := range flatten(rule.permission()) {
			desired[flat] = true
			if !observed[flat] {
				missing = append(missing, flat.permission())
			}
		}
	}
	for flat := range observed {
		if !desired[flat] {
			surplus = append(surplus, flat.permission())
		}
	}
	return missing, surplus
}

// Create implements graph.Resource. It adds all rules in one call.
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
		// An earlier create whose response was lost added some or all of the rules.
		err = s.Update(ctx)
	}
	if err != nil {
		return graph.Absent, err
	}
	return graph.Ready, nil
}

// Update implements graph.Updater. It adds rules before it revokes others, so that a rule whose
// description changes stays in force throughout.
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
