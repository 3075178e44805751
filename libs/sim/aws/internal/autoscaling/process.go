package autoscaling

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"

	"github.com/skep-dev/skep/libs/sim/aws/internal/elb"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
	"github.com/skep-dev/skep/libs/sim/aws/internal/instance"
)

// scalingProcesses are the processes that can be suspended. Only Launch and Terminate have an effect here.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html
var scalingProcesses = []string{
	"Launch", "Terminate", "AddToLoadBalancer", "AlarmNotification", "AZRebalance", "HealthCheck", "InstanceRefresh", "ReplaceUnhealthy", "ScheduledActions",
}

func handleProcesses(s *engine.Service) {
	engine.Handle(s, "SuspendProcesses", engine.Fields{"AutoScalingGroupName", "ScalingProcesses"}, func(c *engine.Call, in *autoscaling.SuspendProcessesInput) (*autoscaling.SuspendProcessesOutput, error) {
		return &autoscaling.SuspendProcessesOutput{}, setSuspended(c, in.AutoScalingGroupName, in.ScalingProcesses, true)
	})
	engine.Handle(s, "ResumeProcesses", engine.Fields{"AutoScalingGroupName", "ScalingProcesses"}, func(c *engine.Call, in *autoscaling.ResumeProcessesInput) (*autoscaling.ResumeProcessesOutput, error) {
		return &autoscaling.ResumeProcessesOutput{}, setSuspended(c, in.AutoScalingGroupName, in.ScalingProcesses, false)
	})
	engine.Handle(s, "TerminateInstanceInAutoScalingGroup", engine.Fields{"InstanceId", "ShouldDecrementDesiredCapacity"}, terminateMember)
	engine.Handle(s, "AttachLoadBalancerTargetGroups", engine.Fields{"AutoScalingGroupName", "TargetGroupARNs"}, func(c *engine.Call, in *autoscaling.AttachLoadBalancerTargetGroupsInput) (*autoscaling.AttachLoadBalancerTargetGroupsOutput, error) {
		return &autoscaling.AttachLoadBalancerTargetGroupsOutput{}, attachTargetGroups(c, in.AutoScalingGroupName, in.TargetGroupARNs)
	})
	engine.Handle(s, "DetachLoadBalancerTargetGroups", engine.Fields{"AutoScalingGroupName", "TargetGroupARNs"}, func(c *engine.Call, in *autoscaling.DetachLoadBalancerTargetGroupsInput) (*autoscaling.DetachLoadBalancerTargetGroupsOutput, error) {
		return &autoscaling.DetachLoadBalancerTargetGroupsOutput{}, detachTargetGroups(c, in.AutoScalingGroupName, in.TargetGroupARNs)
	})
}

// setSuspended suspends or resumes processes of a group; without names, all of them.
func setSuspended(c *engine.Call, group *string, processes []string, suspended bool) error {
	r, err := findGroup(c, group)
	if err != nil {
		return err
	}
	if len(processes) == 0 {
		processes = scalingProcesses
	}
	for _, process := range processes {
		if !slices.Contains(scalingProcesses, process) {
			return engine.ValidationError("%s is not a valid process type.", process)
		}
	}
	r.Data.Suspended = slices.DeleteFunc(slices.Clone(r.Data.Suspended), func(p string) bool { return slices.Contains(processes, p) })
	if suspended {
		r.Data.Suspended = append(r.Data.Suspended, processes...)
	}
	groups.Put(c, r)
	balance(c, r)
	return nil
}

// terminateMember terminates an instance. The group replaces it, unless the call also decrements the desired capacity.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_TerminateInstanceInAutoScalingGroup.html
func terminateMember(c *engine.Call, in *autoscaling.TerminateInstanceInAutoScalingGroupInput) (*autoscaling.TerminateInstanceInAutoScalingGroupOutput, error) {
	i, ok := instance.Instances.Find(c, aws.ToString(in.InstanceId))
	if !ok || i.Deleted(c.Now()) || i.Data.Group == "" {
		return nil, engine.ValidationError("Instance Id not found - No managed instance found for instance ID %s", aws.ToString(in.InstanceId))
	}
	r, err := findGroup(c, &i.Data.Group)
	if err != nil {
		return nil, err
	}
	if aws.ToBool(in.ShouldDecrementDesiredCapacity) && !i.Deleting() {
		if r.Data.Desired <= r.Data.Min {
			return nil, engine.ValidationError("Currently, desiredSize equals minSize (%d). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.", r.Data.Min)
		}
		r.Data.Desired--
		groups.Put(c, r)
	}
	instance.Terminate(c, i)
	balance(c, r)
	return &autoscaling.TerminateInstanceInAutoScalingGroupOutput{}, nil
}

// joinTargetGroups adds target groups to a group, and refuses one that does not exist.
func joinTargetGroups(c *engine.Call, g *group, arns []string) error {
	for _, arn := range arns {
		if !elb.TargetGroups.Exists(c, arn) {
			return engine.ValidationError("Provided Target Groups may not be valid. Please ensure they exist and try again.")
		}
	}
	for _, arn := range arns {
		if !slices.Contains(g.TargetGroups, arn) {
			g.TargetGroups = append(g.TargetGroups, arn)
		}
	}
	return nil
}

func attachTargetGroups(c *engine.Call, group *string, arns []string) error {
	r, err := findGroup(c, group)
	if err != nil {
		return err
	}
	if err := joinTargetGroups(c, &r.Data, arns); err != nil {
		return err
	}
	groups.Put(c, r)
	for _, i := range members(c, r) {
		registerMember(c, r, i.ID)
	}
	return nil
}

func detachTargetGroups(c *engine.Call, group *string, arns []string) error {
	r, err := findGroup(c, group)
	if err != nil {
		return err
	}
	r.Data.TargetGroups = slices.DeleteFunc(slices.Clone(r.Data.TargetGroups), func(arn string) bool { return slices.Contains(arns, arn) })
	groups.Put(c, r)
	for _, t := range elb.Targets.List(c) {
		if t.Data.Group == r.ID && slices.Contains(arns, t.Data.TargetGroup) {
			elb.DeregisterTarget(c, t)
		}
	}
	return nil
}
