package identity

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// RolePolicy is the inline policy of a role: all policies of its part in one document, so that create and
// delete take one call. No other role can use an inline policy. PutRolePolicy replaces an existing one.
type RolePolicy struct {
	graph.Node
	account
	Role     *Role
	Policies []Policy
}

// policyName is the name of the one inline policy of a role.
const policyName = "cluster"

// Name implements graph.Resource.
func (p *RolePolicy) Name() string { return "role-policy/" + string(p.Role.Part) }

// Needs implements graph.Resource.
func (p *RolePolicy) Needs() []graph.Resource { return []graph.Resource{p.Role} }

// Key implements graph.NaturallyKeyed: the role and the name.
func (p *RolePolicy) Key() string { return p.Role.ID() + "/" + policyName }

// names splits the ID into the name of the role and the name of the policy.
func (p *RolePolicy) names() (role, policy *string) {
	before, after, _ := strings.Cut(p.ID(), "/")
	return aws.String(before), aws.String(after)
}

// Observe implements graph.Resource.
func (p *RolePolicy) Observe(ctx context.Context) (graph.State, error) {
	role, policy := p.names()
	out, err := p.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: role, PolicyName: policy})
	if err != nil {
		return graph.Absent, errorclass.IgnoreNotFound(err)
	}
	if p.Role != nil && !join(p.Policies).equal(aws.ToString(out.PolicyDocument)) {
		return graph.Drifted, nil
	}
	return graph.Ready, nil
}

// Create implements graph.Resource.
func (p *RolePolicy) Create(ctx context.Context) (graph.State, error) {
	if err := p.Update(ctx); err != nil {
		return graph.Absent, err
	}
	return graph.Ready, nil
}

// Update implements graph.Updater.
func (p *RolePolicy) Update(ctx context.Context) error {
	role, policy := p.names()
	_, err := p.PutRolePolicy(ctx, &iam.PutRolePolicyInput{
		RoleName: role, PolicyName: policy, PolicyDocument: aws.String(join(p.Policies).String()),
	})
	return err
}

// Delete implements graph.Resource.
func (p *RolePolicy) Delete(ctx context.Context) error {
	role, policy := p.names()
	_, err := p.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: role, PolicyName: policy})
	return errorclass.IgnoreNotFound(err)
}
