package aws

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
)

// scalingProcesses are what can be suspended. Only Launch and Terminate do anything here.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html
var scalingProcesses = []string{
	"Launch", "Terminate", "AddToLoadBalancer", "AlarmNotification", "AZRebalance", "HealthCheck", "InstanceRefresh", "ReplaceUnhealthy", "ScheduledActions",
}

func init() {
	handle("Auto Scaling", "SuspendProcesses", fields{"AutoScalingGroupName", "ScalingProcesses"}, func(c *call, in *autoscaling.SuspendProcessesInput) (*autoscaling.SuspendProcessesOutput, error) {
		return &autoscaling.SuspendProcessesOutput{}, c.suspend(in.AutoScalingGroupName, in.ScalingProcesses, true)
	})
	handle("Auto Scaling", "ResumeProcesses", fields{"AutoScalingGroupName", "ScalingProcesses"}, func(c *call, in *autoscaling.ResumeProcessesInput) (*autoscaling.ResumeProcessesOutput, error) {
		return &autoscaling.ResumeProcessesOutput{}, c.suspend(in.AutoScalingGroupName, in.ScalingProcesses, false)
	})
	handle("Auto Scaling", "TerminateInstanceInAutoScalingGroup", fields{"InstanceId", "ShouldDecrementDesiredCapacity"}, terminateMember)
	handle("Auto Scaling", "AttachLoadBalancerTargetGroups", fields{"AutoScalingGroupName", "TargetGroupARNs"}, func(c *call, in *autoscaling.AttachLoadBalancerTargetGroupsInput) (*autoscaling.AttachLoadBalancerTargetGroupsOutput, error) {
		return &autoscaling.AttachLoadBalancerTargetGroupsOutput{}, c.attachTargetGroups(in.AutoScalingGroupName, in.TargetGroupARNs)
	})
	handle("Auto Scaling", "DetachLoadBalancerTargetGroups", fields{"AutoScalingGroupName", "TargetGroupARNs"}, func(c *call, in *autoscaling.DetachLoadBalancerTargetGroupsInput) (*autoscaling.DetachLoadBalancerTargetGroupsOutput, error) {
		return &autoscaling.DetachLoadBalancerTargetGroupsOutput{}, c.detachTargetGroups(in.AutoScalingGroupName, in.TargetGroupARNs)
	})
}

// suspend stops or resumes processes of a group; none named means all.
func (c *call) suspend(group *string, processes []string, suspended bool) error {
	r, err := c.groupNamed(group)
	if err != nil {
		return err
	}
	if len(processes) == 0 {
		processes = scalingProcesses
	}
	for _, process := range processes {
		if !slices.Contains(scalingProcesses, process) {
			return validation("%s is not a valid process type.", process)
		}
	}
	r.Data.Suspended = slices.DeleteFunc(slices.Clone(r.Data.Suspended), func(p string) bool { return slices.Contains(processes, p) })
	if suspended {
		r.Data.Suspended = append(r.Data.Suspended, processes...)
	}
	autoScalingGroups.put(c, r)
	c.balance(r)
	return nil
}

// terminateMember ends an instance, which is replaced unless the group is to shrink.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_TerminateInstanceInAutoScalingGroup.html
func terminateMember(c *call, in *autoscaling.TerminateInstanceInAutoScalingGroupInput) (*autoscaling.TerminateInstanceInAutoScalingGroupOutput, error) {
	i, ok := instances.in(c.w, instances.scope(c)).byID[aws.ToString(in.InstanceId)]
	if !ok || i.deleted(c.now()) || i.Data.Group == "" {
		return nil, validation("Instance Id not found - No managed instance found for instance ID %s", aws.ToString(in.InstanceId))
	}
	r, err := c.groupNamed(&i.Data.Group)
	if err != nil {
		return nil, err
	}
	if aws.ToBool(in.ShouldDecrementDesiredCapacity) && !i.deleting() {
		if r.Data.Desired <= r.Data.Min {
			return nil, validation("Currently, desiredSize equals minSize (%d). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.", r.Data.Min)
		}
		r.Data.Desired--
		autoScalingGroups.put(c, r)
	}
	c.terminate(i)
	c.balance(r)
	return &autoscaling.TerminateInstanceInAutoScalingGroupOutput{}, nil
}

// joinTargetGroups adds target groups, which have to exist.
func (c *call) joinTargetGroups(g *autoScalingGroup, arns []string) error {
	for _, arn := range arns {
		if !targetGroups.has(c, arn) {
			return validation("Provided Target Groups may not be valid. Please ensure they exist and try again.")
		}
	}
	for _, arn := range arns {
		if !slices.Contains(g.TargetGroups, arn) {
			g.TargetGroups = append(g.TargetGroups, arn)
		}
	}
	return nil
}

func (c *call) attachTargetGroups(group *string, arns []string) error {
	r, err := c.groupNamed(group)
	if err != nil {
		return err
	}
	if err := c.joinTargetGroups(&r.Data, arns); err != nil {
		return err
	}
	autoScalingGroups.put(c, r)
	for _, i := range c.members(r) {
		c.registerMember(r, i.ID)
	}
	return nil
}

func (c *call) detachTargetGroups(group *string, arns []string) error {
	r, err := c.groupNamed(group)
	if err != nil {
		return err
	}
	r.Data.TargetGroups = slices.DeleteFunc(slices.Clone(r.Data.TargetGroups), func(arn string) bool { return slices.Contains(arns, arn) })
	autoScalingGroups.put(c, r)
	for _, t := range targets.list(c) {
		if t.Data.Group == r.ID && slices.Contains(arns, t.Data.TargetGroup) {
			c.deregister(t)
		}
	}
	return nil
}
