package identity

// machinePolicy is what every machine needs: to know itself, to pull images from
// the account's registries, and to be reached through Session Manager in place of SSH.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html
func machinePolicy(s scope) Policy {
	return Policy{Name: "Machine", Document: Document{Statements: []Statement{
		{ID: "Read", Effect: allow, Resources: anywhere, Actions: []string{
			"ec2:DescribeInstances", "ec2:DescribeInstanceTypes", "ec2:DescribeRegions", "ecr:GetAuthorizationToken",
		}},
		{ID: "PullImages", Effect: allow, Resources: []string{s.arn("ecr", "repository")}, Actions: []string{
			"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer",
		}},
		// IAM confines none of these to a thing; a machine can speak for itself only.
		{ID: "SessionManager", Effect: allow, Resources: anywhere, Actions: []string{
			"ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
			"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
		}},
	}}}
}
