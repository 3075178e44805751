package batch

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	autoscalingtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

const (
	// balancersPerCall is the number of load balancers that one call of DescribeLoadBalancers takes, and of resources
	// that one call of DescribeTags takes. AWS publishes no limit for DescribeTargetGroups.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeLoadBalancers.html
	balancersPerCall = 20
	// groupsPerCall is the number of names that one call of DescribeAutoScalingGroups takes when its MaxRecords says
	// so.
	// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingGroups.html
	groupsPerCall = 100
)

// addLists adds the reads by lists of ids or names.
func addLists(operations map[string]operation) {
	operations["Elastic Load Balancing v2 DescribeLoadBalancers"] = listOperation[elb.DescribeLoadBalancersInput, elb.DescribeLoadBalancersOutput, elbtypes.LoadBalancer]{
		max: balancersPerCall,
		lists: []list[elb.DescribeLoadBalancersInput, elbtypes.LoadBalancer]{
			{"arn", func(in *elb.DescribeLoadBalancersInput) *[]string { return &in.LoadBalancerArns },
				func(b elbtypes.LoadBalancer) *string { return b.LoadBalancerArn }},
			{"name", func(in *elb.DescribeLoadBalancersInput) *[]string { return &in.Names },
				func(b elbtypes.LoadBalancer) *string { return b.LoadBalancerName }},
		},
		marker: func(in *elb.DescribeLoadBalancersInput) **string { return &in.Marker },
		output: func(out *elb.DescribeLoadBalancersOutput) listOutput[elbtypes.LoadBalancer] {
			return listOutput[elbtypes.LoadBalancer]{&out.LoadBalancers, out.NextMarker}
		},
	}
	operations["Elastic Load Balancing v2 DescribeTargetGroups"] = listOperation[elb.DescribeTargetGroupsInput, elb.DescribeTargetGroupsOutput, elbtypes.TargetGroup]{
		max: balancersPerCall,
		lists: []list[elb.DescribeTargetGroupsInput, elbtypes.TargetGroup]{
			{"arn", func(in *elb.DescribeTargetGroupsInput) *[]string { return &in.TargetGroupArns },
				func(g elbtypes.TargetGroup) *string { return g.TargetGroupArn }},
			{"name", func(in *elb.DescribeTargetGroupsInput) *[]string { return &in.Names },
				func(g elbtypes.TargetGroup) *string { return g.TargetGroupName }},
		},
		marker: func(in *elb.DescribeTargetGroupsInput) **string { return &in.Marker },
		output: func(out *elb.DescribeTargetGroupsOutput) listOutput[elbtypes.TargetGroup] {
			return listOutput[elbtypes.TargetGroup]{&out.TargetGroups, out.NextMarker}
		},
	}
	operations["Elastic Load Balancing v2 DescribeTags"] = listOperation[elb.DescribeTagsInput, elb.DescribeTagsOutput, elbtypes.TagDescription]{
		max: balancersPerCall,
		lists: []list[elb.DescribeTagsInput, elbtypes.TagDescription]{
			{"arn", func(in *elb.DescribeTagsInput) *[]string { return &in.ResourceArns },
				func(d elbtypes.TagDescription) *string { return d.ResourceArn }},
		},
		output: func(out *elb.DescribeTagsOutput) listOutput[elbtypes.TagDescription] {
			return listOutput[elbtypes.TagDescription]{&out.TagDescriptions, nil}
		},
	}
	operations["Auto Scaling DescribeAutoScalingGroups"] = listOperation[autoscaling.DescribeAutoScalingGroupsInput, autoscaling.DescribeAutoScalingGroupsOutput, autoscalingtypes.AutoScalingGroup]{
		max: groupsPerCall,
		lists: []list[autoscaling.DescribeAutoScalingGroupsInput, autoscalingtypes.AutoScalingGroup]{
			{"name", func(in *autoscaling.DescribeAutoScalingGroupsInput) *[]string { return &in.AutoScalingGroupNames },
				func(g autoscalingtypes.AutoScalingGroup) *string { return g.AutoScalingGroupName }},
		},
		shape:  func(in *autoscaling.DescribeAutoScalingGroupsInput) { in.MaxRecords = aws.Int32(groupsPerCall) },
		marker: func(in *autoscaling.DescribeAutoScalingGroupsInput) **string { return &in.NextToken },
		output: func(out *autoscaling.DescribeAutoScalingGroupsOutput) listOutput[autoscalingtypes.AutoScalingGroup] {
			return listOutput[autoscalingtypes.AutoScalingGroup]{&out.AutoScalingGroups, out.NextToken}
		},
	}
}
