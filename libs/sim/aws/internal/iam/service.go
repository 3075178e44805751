package iam

import "github.com/skep-dev/skep/libs/sim/aws/internal/engine"

// NewService returns IAM.
func NewService() *engine.Service {
	s := &engine.Service{
		ID: "IAM",
		// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
		Quotas: map[string]int{
			"RolesPerAccount":            1000,
			"InstanceProfilesPerAccount": 1000,
			"PoliciesPerRole":            10, // managed policies
		},
	}
	s.AddTypes(roles, instanceProfiles)
	handleRole(s)
	handleRolePolicy(s)
	handleRoleAttachment(s)
	handleInstanceProfile(s)
	return s
}
