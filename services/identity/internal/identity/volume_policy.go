package identity

// volumePolicy is what the EBS CSI driver needs, run with --k8s-tag-cluster-id so
// that it tags what it makes. Volumes are encrypted with the key that AWS keeps for
// the account, which asks for no permission.
// https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/example-iam-policy.json
func volumePolicy(s scope) Policy {
	// The ARNs of snapshots name no account, which an asterisk matches too.
	volume, snapshot, instance := s.arn("ec2", "volume"), s.arn("ec2", "snapshot"), s.arn("ec2", "instance")
	return Policy{Name: "Volumes", Document: Document{Statements: []Statement{
		{ID: "Read", Effect: allow, Resources: anywhere, Actions: []string{
			"ec2:DescribeAvailabilityZones", "ec2:DescribeInstances", "ec2:DescribeSnapshots", "ec2:DescribeTags",
			"ec2:DescribeVolumes", "ec2:DescribeVolumesModifications", "ec2:DescribeVolumeStatus",
		}},
		{ID: "Create", Effect: allow, Resources: []string{volume}, Actions: []string{"ec2:CreateVolume"}, Conditions: s.requested()},
		{ID: "CreateFromSnapshot", Effect: allow, Resources: []string{snapshot}, Actions: []string{"ec2:CreateVolume"}, Conditions: s.owned()},
		{ID: "CreateSnapshot", Effect: allow, Resources: []string{snapshot}, Actions: []string{"ec2:CreateSnapshot"}, Conditions: s.requested()},
		{ID: "Tag", Effect: allow, Resources: []string{volume, snapshot}, Actions: []string{"ec2:CreateTags"},
			Conditions: s.creating("ec2:CreateAction", "CreateSnapshot", "CreateVolume")},
		{ID: "Change", Effect: allow, Resources: []string{volume, instance, snapshot}, Conditions: s.owned(), Actions: []string{
			"ec2:AttachVolume", "ec2:CreateSnapshot", "ec2:DeleteSnapshot", "ec2:DeleteVolume", "ec2:DetachVolume", "ec2:ModifyVolume",
		}},
	}}}
}
