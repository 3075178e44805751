package aws

import (
	"maps"
	"net/url"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

func init() {
	handle("IAM", "PutRolePolicy", fields{"PolicyDocument", "PolicyName", "RoleName"}, putRolePolicy)
	handle("IAM", "GetRolePolicy", fields{"PolicyName", "RoleName"}, getRolePolicy)
	handle("IAM", "DeleteRolePolicy", fields{"PolicyName", "RoleName"}, deleteRolePolicy)
	handle("IAM", "ListRolePolicies", fields{"RoleName"}, listRolePolicies)
}

// putRolePolicy adds or replaces an inline policy.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
func putRolePolicy(c *call, in *iam.PutRolePolicyInput) (*iam.PutRolePolicyOutput, error) {
	r, err := c.roleNamed(in.RoleName)
	if err != nil {
		return nil, err
	}
	if !iamName.MatchString(aws.ToString(in.PolicyName)) {
		return nil, validation("The specified value for policyName is invalid")
	}
	if err := checkPolicy(aws.ToString(in.PolicyDocument)); err != nil {
		return nil, err
	}
	policies := maps.Clone(r.Data.Policies)
	policies[*in.PolicyName] = *in.PolicyDocument
	size := 0
	for _, text := range policies {
		size += dense(text)
	}
	if size > policyLimit {
		return nil, refuse("LimitExceeded", "Maximum policy size of %d bytes exceeded for role %s", policyLimit, r.ID)
	}
	r.Data.Policies = policies
	roles.put(c, r)
	return &iam.PutRolePolicyOutput{}, nil
}

func getRolePolicy(c *call, in *iam.GetRolePolicyInput) (*iam.GetRolePolicyOutput, error) {
	r, err := c.roleNamed(in.RoleName)
	if err != nil {
		return nil, err
	}
	text, ok := r.Data.Policies[aws.ToString(in.PolicyName)]
	if !ok {
		return nil, noEntity("role policy", aws.ToString(in.PolicyName))
	}
	return &iam.GetRolePolicyOutput{RoleName: in.RoleName, PolicyName: in.PolicyName, PolicyDocument: aws.String(url.QueryEscape(text))}, nil
}

func deleteRolePolicy(c *call, in *iam.DeleteRolePolicyInput) (*iam.DeleteRolePolicyOutput, error) {
	r, err := c.roleNamed(in.RoleName)
	if err != nil {
		return nil, err
	}
	if _, ok := r.Data.Policies[aws.ToString(in.PolicyName)]; !ok {
		return nil, noEntity("role policy", aws.ToString(in.PolicyName))
	}
	r.Data.Policies = maps.Clone(r.Data.Policies)
	delete(r.Data.Policies, *in.PolicyName)
	roles.put(c, r)
	return &iam.DeleteRolePolicyOutput{}, nil
}

func listRolePolicies(c *call, in *iam.ListRolePoliciesInput) (*iam.ListRolePoliciesOutput, error) {
	r, err := c.roleNamed(in.RoleName)
	if err != nil {
		return nil, err
	}
	return &iam.ListRolePoliciesOutput{PolicyNames: sortedKeys(r.Data.Policies)}, nil
}

// sortedKeys are the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
