package judge

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/services/network/internal/leftover/finding"
	"github.com/skep-dev/skep/services/network/internal/leftover/ownership"
	"github.com/skep-dev/skep/services/network/internal/leftover/scan"
)

// exists reports whether an instance was found and is not terminated.
func exists(i scan.Instance) bool {
	return i.State != nil && i.State.Name != types.InstanceStateNameTerminated
}

// deletes reports whether Skep deletes an instance as a leftover.
func (j judge) deletes(i scan.Instance) bool {
	return exists(i) && j.isLeftover(ownership.EC2Tags(i.Tags))
}

// instances judges the instances in the VPC, oldest first. An instance stands for the network
// interfaces that AWS deletes with it. It blocks its volumes and, if Skep deletes it, the
// interfaces that outlive it.
func (j judge) instances() []finding.Finding {
	var found []finding.Finding
	for _, i := range j.Instances {
		t := ownership.EC2Tags(i.Tags)
		if !exists(i) || j.Accounts(aws.ToString(i.InstanceId), t) {
			continue
		}
		one := finding.Finding{
			Type: finding.Instance, ID: aws.ToString(i.InstanceId), Name: t["Name"], Disposition: j.disposition(t), CreateTime: aws.ToTime(i.LaunchTime),
			Creator: j.Cluster.CreatorOrAccount(t, i.Launcher),
		}
		if j.Cluster.Creator(t) == "" && i.KeyName != nil {
			one.Creator += ", with the key pair " + *i.KeyName
		}
		for _, own := range j.Interfaces {
			if own.Attachment != nil && aws.ToString(own.Attachment.InstanceId) == one.ID {
				one.Blocks = append(one.Blocks, interfaceBlocks(own)...)
				if one.Disposition == finding.Delete && !aws.ToBool(own.Attachment.DeleteOnTermination) {
					one.Blocks = append(one.Blocks, aws.ToString(own.NetworkInterfaceId))
				}
			}
		}
		for _, v := range j.Volumes {
			if attachedTo(v) == one.ID {
				one.Blocks = append(one.Blocks, aws.ToString(v.VolumeId))
			}
		}
		found = append(found, one)
	}
	slices.SortStableFunc(found, func(a, b finding.Finding) int { return a.CreateTime.Compare(b.CreateTime) })
	return found
}
