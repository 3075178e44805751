package autoscaling

import (
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
	"github.com/skep-dev/skep/libs/sim/aws/internal/instance"
)

// NewService returns EC2 Auto Scaling.
func NewService() *engine.Service {
	s := &engine.Service{
		ID: "Auto Scaling",
		// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-quotas.html
		Quotas: map[string]int{"AutoScalingGroupsPerRegion": 500},
	}
	s.AddTypes(groups)
	s.On(instance.Terminated, replaceMember)
	handleGroups(s)
	handleProcesses(s)
	handleTags(s)
	handleDescribe(s)
	return s
}
