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

// SecurityGroup is the security group of one role. Create makes it without ingress rules;
// SecurityGroupRules adds them.
type SecurityGroup struct {
	graph.Node
	tagged
	VPC         *VPC
	Role        Role
	Description string
	// Owned marks the group that the cloud controller manager adds rules to, with the tag
	// kubernetes.io/cluster/<uid>: owned. A node must have exactly one such group: the cloud controller
	// manager fails if it finds two.
	Owned bool
}

// Role is the group of machines or load balancers that a security group is for.
type Role string

// The constants name the roles in the names of resources. Other services read the groups by the fields of
// Network.status.security_groups, one for each role.
const (
	APILoadBalancer     Role = "api-load-balancer"
	ControlPlane        Role = "control-plane"
	Node                Role = "node"
	LoadBalancer        Role = "load-balancer"
	IngressLoadBalancer Role = "ingress-load-balancer"
	Bastion             Role = "bastion"
)

// Name implements graph.Resource.
func (s *SecurityGroup) Name() string { return "security-group/" + string(s.Role) }

// Needs implements graph.Resource.
func (s *SecurityGroup) Needs() []graph.Resource { return []graph.Resource{s.VPC} }

// Observe implements graph.Resource.
func (s *SecurityGroup) Observe(ctx context.Context) (graph.State, error) {
	in := &ec2.DescribeSecurityGroupsInput{Filters: session.ByIntent(s.Token())}
	if s.ID() != "" {
		in = &ec2.DescribeSecurityGroupsInput{GroupIds: []string{s.ID()}}
	}
	out, err := s.DescribeSecurityGroups(ctx, in)
	if err != nil {
		return graph.Absent, errorclass.IgnoreNotFound(err)
	}
	group, err := session.Only(out.SecurityGroups)
	if err != nil || group == nil {
		return graph.Absent, err
	}
	s.SetID(aws.ToString(group.GroupId))
	return s.compare(&s.Node, group.Tags, s.extra()...), nil
}

// Create implements graph.Resource. A group name is unique within its VPC, so AWS refuses a second
// create; Observe then finds the group of the first by its intent tag.
func (s *SecurityGroup) Create(ctx context.Context) (graph.State, error) {
	out, err := s.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{
		VpcId:             aws.String(s.VPC.ID()),
		GroupName:         aws.String(s.owner.Cluster + "-" + string(s.Role)),
		Description:       aws.String(s.Description),
		TagSpecifications: s.owner.EC2Tags(types.ResourceTypeSecurityGroup, s.Name(), s.Token(), s.extra()...),
	})
	if err != nil {
		return graph.Absent, err
	}
	s.SetID(aws.ToString(out.GroupId))
	return graph.Ready, nil
}

// extra returns the tags of this group beside the owner tags.
func (s *SecurityGroup) extra() []session.Tag {
	if !s.Owned {
		return nil
	}
	return []session.Tag{s.owner.KubernetesTag("owned")}
}

// Update implements graph.Updater. It restores the owner tags.
func (s *SecurityGroup) Update(ctx context.Context) error { return s.retag(ctx, &s.Node) }

// Delete implements graph.Resource. While the group is in use, AWS answers DependencyViolation; Delete then
// revokes the rules that refer to it, and a later reconciliation deletes it.
func (s *SecurityGroup) Delete(ctx context.Context) error {
	_, err := s.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: aws.String(s.ID())})
	if errorclass.Code(err) == "DependencyViolation" {
		if failed := s.release(ctx); failed != nil {
			return failed
		}
	}
	return errorclass.IgnoreNotFound(err)
}
