package identity

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// Role is the IAM role of the machines of one Part. Its name is unique in the account.
type Role struct {
	graph.Node
	account
	Part Part
}

// ARN is the attribute with the ARN of a role or an instance profile.
const ARN = "arn"

// trust is the trust policy: only EC2 may assume the role, for a machine.
var trust = Document{Statements: []Statement{{
	Effect: allow, Principal: map[string]string{"Service": "ec2.amazonaws.com"}, Actions: []string{"sts:AssumeRole"},
}}}

// Name implements graph.Resource.
func (r *Role) Name() string { return "role/" + string(r.Part) }

// Needs implements graph.Resource.
func (r *Role) Needs() []graph.Resource { return nil }

// Key implements graph.NaturallyKeyed: the name, at most 64 characters.
func (r *Role) Key() string { return r.owner.Cluster + "-" + string(r.Part) }

// Observe implements graph.Resource.
func (r *Role) Observe(ctx context.Context) (graph.State, error) {
	out, err := r.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(r.ID())})
	if err != nil {
		return graph.Absent, errorclass.IgnoreNotFound(err)
	}
	r.SetAttribute(ARN, aws.ToString(out.Role.Arn))
	if !trust.equal(aws.ToString(out.Role.AssumeRolePolicyDocument)) {
		return graph.Drifted, nil
	}
	return graph.Ready, nil
}

// Create implements graph.Resource.
func (r *Role) Create(ctx context.Context) (graph.State, error) {
	out, err := r.CreateRole(ctx, &iam.CreateRoleInput{
		RoleName:                 aws.String(r.ID()),
		Path:                     aws.String(path),
		Description:              aws.String("Permissions of the machines of cluster " + r.owner.ClusterName + "."),
		AssumeRolePolicyDocument: aws.String(trust.String()),
		Tags:                     r.tags(r.Name(), r.Token()),
	})
	if errorclass.Code(err) == entityExists {
		return r.Observe(ctx)
	}
	if err != nil {
		return graph.Absent, err
	}
	r.SetAttribute(ARN, aws.ToString(out.Role.Arn))
	return graph.Ready, nil
}

// entityExists is the error code of IAM for a repeated create. An earlier create succeeded and Observe did not
// see it yet.
const entityExists = "EntityAlreadyExists"

// Update implements graph.Updater. It restores the trust policy.
func (r *Role) Update(ctx context.Context) error {
	_, err := r.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{
		RoleName: aws.String(r.ID()), PolicyDocument: aws.String(trust.String()),
	})
	return err
}

// Delete implements graph.Resource.
func (r *Role) Delete(ctx context.Context) error {
	_, err := r.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: aws.String(r.ID())})
	return errorclass.IgnoreNotFound(err)
}
