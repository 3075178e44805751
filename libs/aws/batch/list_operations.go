package batch

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	autoscalingtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

const (
	// balancersPerCall is how many load balancers one call of DescribeLoadBalancers
	// takes, and how many things one of DescribeTags. Of DescribeTargetGroups no
	// figure is published.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeLoadBalancers.html
	balancersPerCall = 20
	// groupsPerCall is how many names one call of DescribeAutoScalingGroups takes if
	// its MaxRecords says so.
	// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingGroups.html
	groupsPerCall = 100
)

// The reads that take lists.
func addLists(forms map[string]form) {
	forms["Elastic Load Balancing v2 DescribeLoadBalancers"] = listForm[elb.DescribeLoadBalancersInput, elb.DescribeLoadBalancersOutput, elbtypes.LoadBalancer]{
		most: balancersPerCall,
		lists: []list[elb.DescribeLoadBalancersInput, elbtypes.LoadBalancer]{
			{"arn", func(in *elb.DescribeLoadBalancersInput) *[]string { return &in.LoadBalancerArns },
				func(b elbtypes.LoadBalancer) *string { return b.LoadBalancerArn }},
			{"name", func(in *elb.DescribeLoadBalancersInput) *[]string { return &in.Names },
				func(b elbtypes.LoadBalancer) *string { return b.LoadBalancerName }},
		},
		marker: func(in *elb.DescribeLoadBalancersInput) **string { return &in.Marker },
		told: func(out *elb.DescribeLoadBalancersOutput) listTold[elbtypes.LoadBalancer] {
			return listTold[elbtypes.LoadBalancer]{&out.LoadBalancers, out.NextMarker}
		},
	}
	forms["Elastic Load Balancing v2 DescribeTargetGroups"] = listForm[elb.DescribeTargetGroupsInput, elb.DescribeTargetGroupsOutput, elbtypes.TargetGroup]{
		most: balancersPerCall,
		lists: []list[elb.DescribeTargetGroupsInput, elbtypes.TargetGroup]{
			{"arn", func(in *elb.DescribeTargetGroupsInput) *[]string { return &in.TargetGroupArns },
				func(g elbtypes.TargetGroup) *string { return g.TargetGroupArn }},
			{"name", func(in *elb.DescribeTargetGroupsInput) *[]string { return &in.Names },
				func(g elbtypes.TargetGroup) *string { return g.TargetGroupName }},
		},
		marker: func(in *elb.DescribeTargetGroupsInput) **string { return &in.Marker },
		told: func(out *elb.DescribeTargetGroupsOutput) listTold[elbtypes.TargetGroup] {
			return listTold[elbtypes.TargetGroup]{&out.TargetGroups, out.NextMarker}
		},
	}
	forms["Elastic Load Balancing v2 DescribeTags"] = listForm[elb.DescribeTagsInput, elb.DescribeTagsOutput, elbtypes.TagDescription]{
		most: balancersPerCall,
		lists: []list[elb.DescribeTagsInput, elbtypes.TagDescription]{
			{"arn", func(in *elb.DescribeTagsInput) *[]string { return &in.ResourceArns },
				func(d elbtypes.TagDescription) *string { return d.ResourceArn }},
		},
		told: func(out *elb.DescribeTagsOutput) listTold[elbtypes.TagDescription] {
			return listTold[elbtypes.TagDescription]{&out.TagDescriptions, nil}
		},
	}
	forms["Auto Scaling DescribeAutoScalingGroups"] = listForm[autoscaling.DescribeAutoScalingGroupsInput, autoscaling.DescribeAutoScalingGroupsOutput, autoscalingtypes.AutoScalingGroup]{
		most: groupsPerCall,
		lists: []list[autoscaling.DescribeAutoScalingGroupsInput, autoscalingtypes.AutoScalingGroup]{
			{"name", func(in *autoscaling.DescribeAutoScalingGroupsInput) *[]string { return &in.AutoScalingGroupNames },
				func(g autoscalingtypes.AutoScalingGroup) *string { return g.AutoScalingGroupName }},
		},
		shape:  func(in *autoscaling.DescribeAutoScalingGroupsInput) { in.MaxRecords = aws.Int32(groupsPerCall) },
		marker: func(in *autoscaling.DescribeAutoScalingGroupsInput) **string { return &in.NextToken },
		told: func(out *autoscaling.DescribeAutoScalingGroupsOutput) listTold[autoscalingtypes.AutoScalingGroup] {
			return listTold[autoscalingtypes.AutoScalingGroup]{&out.AutoScalingGroups, out.NextToken}
		},
	}
}
