package instance

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/ec2api"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

var instanceStatusFilters = ec2api.Filters[Instance]{
	"availability-zone":   instanceFilters["availability-zone"],
	"instance-state-name": instanceFilters["instance-state-name"],
	"instance-status.status": func(c *engine.Call, r *engine.Resource[Instance]) []string {
		return []string{string(instanceStatus(c, r))}
	},
	"system-status.status": func(c *engine.Call, r *engine.Resource[Instance]) []string {
		return []string{string(instanceStatus(c, r))}
	},
}

func handleInstanceStatus(s *engine.Service) {
	engine.Handle(s, "DescribeInstanceStatus", engine.Fields{"Filters", "IncludeAllInstances", "InstanceIds", "MaxResults", "NextToken"}, describeInstanceStatus)
}

// describeInstanceStatus reports running instances only, unless IncludeAllInstances is set.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceStatus.html
func describeInstanceStatus(c *engine.Call, in *ec2.DescribeInstanceStatusInput) (*ec2.DescribeInstanceStatusOutput, error) {
	q := ec2api.Query{IDs: in.InstanceIds, Filters: in.Filters, Max: in.MaxResults, Next: in.NextToken}
	resources, err := ec2api.Candidates(c, Instances, q)
	if err != nil {
		return nil, err
	}
	if !aws.ToBool(in.IncludeAllInstances) {
		resources = slices.DeleteFunc(resources, func(r *engine.Resource[Instance]) bool { return State(c, r) != types.InstanceStateNameRunning })
	}
	shown, next, err := ec2api.Select(c, Instances, instanceStatusFilters, resources, q, func(c *engine.Call, r *engine.Resource[Instance]) types.InstanceStatus {
		summary := &types.InstanceStatusSummary{Status: instanceStatus(c, r)}
		return types.InstanceStatus{
			InstanceId: aws.String(r.ID), AvailabilityZone: aws.String(r.Data.Zone), InstanceState: stateOf(State(c, r)),
			InstanceStatus: summary, SystemStatus: summary,
		}
	})
	return &ec2.DescribeInstanceStatusOutput{InstanceStatuses: shown, NextToken: next}, err
}

// instanceStatus is ok once the instance has booted.
func instanceStatus(c *engine.Call, r *engine.Resource[Instance]) types.SummaryStatus {
	switch {
	case State(c, r) != types.InstanceStateNameRunning:
		return types.SummaryStatusNotApplicable
	case HasBooted(c, r):
		return types.SummaryStatusOk
	}
	return types.SummaryStatusInitializing
}
