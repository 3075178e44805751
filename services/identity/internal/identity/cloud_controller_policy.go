package identity

// cloudControllerPolicy lets the cloud controller manager manage the load balancers of Services. It allows no
// routes, because pods use an overlay network.
// https://cloud-provider-aws.sigs.k8s.io/prerequisites/
func cloudControllerPolicy(s scope) Policy {
	balancing := []string{
		s.arn("elasticloadbalancing", "loadbalancer"), s.arn("elasticloadbalancing", "targetgroup"), s.arn("elasticloadbalancing", "listener"),
	}
	return Policy{Name: "CloudController", Document: Document{Statements: []Statement{
		{ID: "Read", Effect: allow, Resources: anywhere, Actions: []string{
			"ec2:DescribeAvailabilityZones", "ec2:DescribeInstances", "ec2:DescribeInstanceTopology", "ec2:DescribeRegions",
			"ec2:DescribeRouteTables", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs",
			"elasticloadbalancing:Describe*",
		}},
		{ID: "CreateSecurityGroup", Effect: allow, Resources: []string{s.arn("ec2", "security-group")},
			Actions: []string{"ec2:CreateSecurityGroup"}, Conditions: s.requested()},
		{ID: "CreateSecurityGroupInVpc", Effect: allow, Resources: []string{s.arn("ec2", "vpc")},
			Actions: []string{"ec2:CreateSecurityGroup"}, Conditions: s.ofCluster()},
		{ID: "TagSecurityGroup", Effect: allow, Resources: []string{s.arn("ec2", "security-group")},
			Actions: []string{"ec2:CreateTags"}, Conditions: s.creating("ec2:CreateAction", "CreateSecurityGroup")},
		{ID: "ChangeSecurityGroup", Effect: allow, Resources: []string{s.arn("ec2", "security-group")},
			Actions: []string{"ec2:AuthorizeSecurityGroupIngress", "ec2:DeleteSecurityGroup", "ec2:RevokeSecurityGroupIngress"}, Conditions: s.owned()},
		{ID: "CreateLoadBalancer", Effect: allow, Resources: balancing, Conditions: s.requested(), Actions: []string{
			"elasticloadbalancing:CreateListener", "elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:CreateTargetGroup",
		}},
		{ID: "TagLoadBalancer", Effect: allow, Resources: balancing, Actions: []string{"elasticloadbalancing:AddTags"},
			Conditions: s.creating("elasticloadbalancing:CreateAction", "CreateListener", "CreateLoadBalancer", "CreateTargetGroup")},
		{ID: "ChangeLoadBalancer", Effect: allow, Resources: balancing, Conditions: s.owned(), Actions: []string{
			"elasticloadbalancing:ApplySecurityGroupsToLoadBalancer", "elasticloadbalancing:AttachLoadBalancerToSubnets",
			"elasticloadbalancing:ConfigureHealthCheck", "elasticloadbalancing:CreateListener",
			"elasticloadbalancing:CreateLoadBalancerListeners", "elasticloadbalancing:CreateLoadBalancerPolicy",
			"elasticloadbalancing:DeleteListener", "elasticloadbalancing:DeleteLoadBalancer",
			"elasticloadbalancing:DeleteLoadBalancerListeners", "elasticloadbalancing:DeleteTargetGroup",
			"elasticloadbalancing:DeregisterInstancesFromLoadBalancer", "elasticloadbalancing:DeregisterTargets",
			"elasticloadbalancing:DetachLoadBalancerFromSubnets", "elasticloadbalancing:ModifyListener",
			"elasticloadbalancing:ModifyLoadBalancerAttributes", "elasticloadbalancing:ModifyTargetGroup",
			"elasticloadbalancing:ModifyTargetGroupAttributes", "elasticloadbalancing:RegisterInstancesWithLoadBalancer",
			"elasticloadbalancing:RegisterTargets", "elasticloadbalancing:SetLoadBalancerPoliciesForBackendServer",
			"elasticloadbalancing:SetLoadBalancerPoliciesOfListener", "elasticloadbalancing:SetSecurityGroups",
			"elasticloadbalancing:SetSubnets",
		}},
		{ID: "ServiceLinkedRole", Effect: allow, Resources: anywhere, Actions: []string{"iam:CreateServiceLinkedRole"},
			Conditions: map[string]Operands{"StringEquals": {"iam:AWSServiceName": {"elasticloadbalancing.amazonaws.com"}}}},
	}}}
}
