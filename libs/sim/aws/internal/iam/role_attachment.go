package iam

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

func handleRoleAttachment(s *engine.Service) {
	engine.Handle(s, "AttachRolePolicy", engine.Fields{"PolicyArn", "RoleName"}, attachRolePolicy)
	engine.Handle(s, "DetachRolePolicy", engine.Fields{"PolicyArn", "RoleName"}, detachRolePolicy)
	engine.Handle(s, "ListAttachedRolePolicies", engine.Fields{"RoleName", "PathPrefix"}, listAttachedRolePolicies)
	engine.Handle(s, "TagRole", engine.Fields{"RoleName", "Tags"}, tagRole)
	engine.Handle(s, "UntagRole", engine.Fields{"RoleName", "TagKeys"}, untagRole)
}

// managedPolicyPrefix is the prefix of the ARNs of AWS managed policies. Every ARN with the prefix exists. Customer
// managed policies are not simulated.
const managedPolicyPrefix = "arn:aws:iam::aws:policy/"

// attachRolePolicy succeeds if the policy is attached already.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html
func attachRolePolicy(c *engine.Call, in *iam.AttachRolePolicyInput) (*iam.AttachRolePolicyOutput, error) {
	r, err := findRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	arn := aws.ToString(in.PolicyArn)
	switch {
	case slices.Contains(r.Data.Attached, arn):
		return &iam.AttachRolePolicyOutput{}, nil
	case !strings.HasPrefix(arn, managedPolicyPrefix):
		return nil, engine.Refuse("NoSuchEntity", "Policy %s does not exist or is not attachable.", arn)
	}
	if err := c.CheckQuota("PoliciesPerRole", len(r.Data.Attached), "LimitExceeded", "Cannot exceed quota for PoliciesPerRole"); err != nil {
		return nil, err
	}
	r.Data.Attached = append(slices.Clone(r.Data.Attached), arn)
	slices.Sort(r.Data.Attached)
	roles.Put(c, r)
	return &iam.AttachRolePolicyOutput{}, nil
}

func detachRolePolicy(c *engine.Call, in *iam.DetachRolePolicyInput) (*iam.DetachRolePolicyOutput, error) {
	r, err := findRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	arn := aws.ToString(in.PolicyArn)
	if !slices.Contains(r.Data.Attached, arn) {
		return nil, engine.Refuse("NoSuchEntity", "Policy %s was not found.", arn)
	}
	r.Data.Attached = slices.DeleteFunc(slices.Clone(r.Data.Attached), func(a string) bool { return a == arn })
	roles.Put(c, r)
	return &iam.DetachRolePolicyOutput{}, nil
}

func listAttachedRolePolicies(c *engine.Call, in *iam.ListAttachedRolePoliciesInput) (*iam.ListAttachedRolePoliciesOutput, error) {
	r, err := findRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	out := &iam.ListAttachedRolePoliciesOutput{}
	for _, arn := range r.Data.Attached {
		if strings.HasPrefix(strings.TrimPrefix(arn, managedPolicyPrefix[:len(managedPolicyPrefix)-1]), aws.ToString(in.PathPrefix)) {
			out.AttachedPolicies = append(out.AttachedPolicies, types.AttachedPolicy{
				PolicyArn: aws.String(arn), PolicyName: aws.String(arn[strings.LastIndex(arn, "/")+1:]),
			})
		}
	}
	return out, nil
}

func tagRole(c *engine.Call, in *iam.TagRoleInput) (*iam.TagRoleOutput, error) {
	r, err := findRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	more, err := readTags(c, in.Tags)
	if err != nil {
		return nil, err
	}
	tags := maps.Clone(r.Tags)
	maps.Copy(tags, more)
	if err := c.CheckTags(tags); err != nil {
		return nil, engine.Refuse("LimitExceeded", "%v", err)
	}
	r.Tags = tags
	roles.Put(c, r)
	return &iam.TagRoleOutput{}, nil
}

func untagRole(c *engine.Call, in *iam.UntagRoleInput) (*iam.UntagRoleOutput, error) {
	r, err := findRole(c, in.RoleName)
	if err != nil {
		return nil, err
	}
	r.Tags = maps.Clone(r.Tags)
	for _, key := range in.TagKeys {
		delete(r.Tags, key)
	}
	roles.Put(c, r)
	return &iam.UntagRoleOutput{}, nil
}
