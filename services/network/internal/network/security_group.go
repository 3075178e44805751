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

// SecurityGroup says who may reach the machines of one role. It is made empty;
// SecurityGroupRules fills it.
type SecurityGroup struct {
	graph.Node
	tagged
	VPC         *VPC
	Role        Role
	Description string
	// Owned marks the one group per node that the cloud controller manager adds
	// rules to. If a node had two such groups, it would refuse to work.
	Owned bool
}

// Role is who a security group is for.
type Role string

// The roles.
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

// Create implements graph.Resource. The name is unique within the VPC, so AWS
// refuses a second one; the first is then found by its intent.
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

// extra are the tags that only some groups have.
func (s *SecurityGroup) extra() []session.Tag {
	if !s.Owned {
		return nil
	}
	return []session.Tag{s.owner.KubernetesTag("owned")}
}

// Update implements graph.Updater: it tags the thing for its owner.
func (s *SecurityGroup) Update(ctx context.Context) error { return s.retag(ctx, &s.Node) }

// Delete implements graph.Resource. A group that is still in use is released from
// the rules that name it, and goes when it is tried again.
func (s *SecurityGroup) Delete(ctx context.Context) error {
	_, err := s.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: aws.String(s.ID())})
	if errorclass.Code(err) == "DependencyViolation" {
		if failed := s.release(ctx); failed != nil {
			return failed
		}
	}
	return errorclass.IgnoreNotFound(err)
}
