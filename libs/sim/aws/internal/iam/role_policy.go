package iam

import (
	"maps"
	"net/url"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

func handleRolePolicy(s *engine.Service) {
	engine.Handle(s, "PutRolePolicy", engine.Fields{"PolicyDocument", "PolicyName", "RoleName"}, putRolePolicy)
	engine.Handle(s, "GetRolePolicy", engine.Fields{"PolicyName", "RoleName"}, getRolePolicy)
	engine.Handle(s, "DeleteRolePolicy", engine.Fields{"PolicyName", "RoleName"}, deleteRolePolicy)
	engine.Handle(s, "ListRolePolicies", engine.Fields{"RoleName"}, listRolePolicies)
}

// putRolePolicy adds or replaces an inline policy.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
func putRolePolicy(c *engine.Call, in *iam.PutRolePolicyInput) (*iam.PutRolePolicyOutput, error) {
	r, err := findRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	if !iamName.MatchString(aws.ToString(in.PolicyName)) {
		return nil, engine.ValidationError("The specified value for policyName is invalid")
	}
	if err := checkPolicy(aws.ToString(in.PolicyDocument)); err != nil {
		return nil, err
	}
	policies := maps.Clone(r.Data.Policies)
	policies[*in.PolicyName] = *in.PolicyDocument
	size := 0
	for _, text := range policies {
		size += policySize(text)
	}
	if size > policyLimit {
		return nil, engine.Refuse("LimitExceeded", "Maximum policy size of %d bytes exceeded for role %s", policyLimit, r.ID)
	}
	r.Data.Policies = policies
	roles.Put(c, r)
	return &iam.PutRolePolicyOutput{}, nil
}

func getRolePolicy(c *engine.Call, in *iam.GetRolePolicyInput) (*iam.GetRolePolicyOutput, error) {
	r, err := findRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	text, ok := r.Data.Policies[aws.ToString(in.PolicyName)]
	if !ok {
		return nil, noEntity("role policy", aws.ToString(in.PolicyName))
	}
	return &iam.GetRolePolicyOutput{RoleName: in.RoleName, PolicyName: in.PolicyName, PolicyDocument: aws.String(url.QueryEscape(text))}, nil
}

func deleteRolePolicy(c *engine.Call, in *iam.DeleteRolePolicyInput) (*iam.DeleteRolePolicyOutput, error) {
	r, err := findRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	if _, ok := r.Data.Policies[aws.ToString(in.PolicyName)]; !ok {
		return nil, noEntity("role policy", aws.ToString(in.PolicyName))
	}
	r.Data.Policies = maps.Clone(r.Data.Policies)
	delete(r.Data.Policies, *in.PolicyName)
	roles.Put(c, r)
	return &iam.DeleteRolePolicyOutput{}, nil
}

func listRolePolicies(c *engine.Call, in *iam.ListRolePoliciesInput) (*iam.ListRolePoliciesOutput, error) {
	r, err := findRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	return &iam.ListRolePoliciesOutput{PolicyNames: slices.Sorted(maps.Keys(r.Data.Policies))}, nil
}
