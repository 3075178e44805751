package identity

// autoscalerPolicy lets the cluster autoscaler change the size of the node pools of its own cluster.
// https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md
func autoscalerPolicy(s scope) Policy {
	return Policy{Name: "Autoscaler", Document: Document{Statements: []Statement{
		{ID: "Read", Effect: allow, Resources: anywhere, Actions: []string{
			"autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeAutoScalingInstances", "autoscaling:DescribeLaunchConfigurations",
			"autoscaling:DescribeScalingActivities", "autoscaling:DescribeTags", "ec2:DescribeImages", "ec2:DescribeInstanceTypes",
			"ec2:DescribeLaunchTemplateVersions", "ec2:GetInstanceTypesFromInstanceRequirements",
		}},
		{ID: "Resize", Effect: allow, Resources: []string{s.arn("autoscaling", "autoScalingGroup:*:autoScalingGroupName")},
			Actions: []string{"autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"}, Conditions: s.owned()},
	}}}
}
