package sts

import "github.com/skep-dev/skep/libs/sim/aws/internal/engine"

// NewService returns the Security Token Service.
func NewService() *engine.Service {
	s := &engine.Service{
		ID: "STS",
		// 600 requests per second for an account and region, charged to the caller.
		// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
		Limits: func(string, bool, any) []engine.Limit {
			return []engine.Limit{{Family: "all", Burst: 600, Refill: 600}}
		},
	}
	s.AddTypes(roleFixtures)
	handleAssumeRole(s)
	return s
}
