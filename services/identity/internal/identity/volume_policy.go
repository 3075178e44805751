package identity

// volumePolicy lets the EBS CSI driver manage volumes and snapshots. The driver must run with
// --k8s-tag-cluster-id, so that it tags the resources that it creates. Volumes use the AWS managed key of the
// account, which requires no permission.
// https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/example-iam-policy.json
func volumePolicy(s scope) Policy {
	// The account is empty in the ARNs of snapshots; an asterisk matches that too.
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
