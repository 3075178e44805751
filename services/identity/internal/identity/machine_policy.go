package identity

// machinePolicy lets every machine read the description of itself, pull images from the registries of the account, and
// accept sessions of Session Manager, the alternative to SSH.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html
func machinePolicy(s scope) Policy {
	return Policy{Name: "Machine", Document: Document{Statements: []Statement{
		{ID: "Read", Effect: allow, Resources: anywhere, Actions: []string{
			"ec2:DescribeInstances", "ec2:DescribeInstanceTypes", "ec2:DescribeRegions", "ecr:GetAuthorizationToken",
		}},
		{ID: "PullImages", Effect: allow, Resources: []string{s.arn("ecr", "repository")}, Actions: []string{
			"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer",
		}},
		// IAM supports no resource-level permissions for these actions; a machine can call them only for itself.
		{ID: "SessionManager", Effect: allow, Resources: anywhere, Actions: []string{
			"ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
			"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
		}},
	}}}
}
