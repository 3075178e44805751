package aws

import "github.com/skep-dev/skep/libs/sim/aws/internal/engine"

// NewAutoScalingService returns EC2 Auto Scaling.
func NewAutoScalingService() *engine.Service {
	s := &engine.Service{
		ID: "Auto Scaling",
		// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-quotas.html
		Quotas: map[string]int{"AutoScalingGroupsPerRegion": 500},
	}
	s.AddTypes(autoScalingGroups)
	s.On(Terminated, replaceMember)
	handleAutoScalingGroup(s)
	handleAutoScalingProcess(s)
	handleAutoScalingTag(s)
	handleAutoScalingView(s)
	return s
}
