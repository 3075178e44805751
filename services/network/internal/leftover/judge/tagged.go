package judge

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/services/network/internal/leftover/finding"
	"github.com/skep-dev/skep/services/network/internal/leftover/ownership"
)

// attachedTo returns the id of the instance that a volume is attached to, or "".
func attachedTo(v types.Volume) string {
	for _, attachment := range v.Attachments {
		return aws.ToString(attachment.InstanceId)
	}
	return ""
}

// volumes judges the volumes with tags of the cluster. The volumes of pods hold data, so Skep
// keeps them unless the user requested their deletion.
func (j judge) volumes() []finding.Finding {
	var found []finding.Finding
	for _, v := range j.Volumes {
		t := ownership.EC2Tags(v.Tags)
		ending := v.State == types.VolumeStateDeleting || v.State == types.VolumeStateDeleted
		if ending || j.Accounts(aws.ToString(v.VolumeId), t) || !j.Cluster.Owns(t) {
			continue
		}
		one := finding.Finding{
			Type: finding.Volume, ID: aws.ToString(v.VolumeId), Name: t["Name"], Disposition: finding.Keep,
			Creator: j.Cluster.Creator(t), CreateTime: aws.ToTime(v.CreateTime), Price: finding.VolumePrice(v.VolumeType, aws.ToInt32(v.Size)),
		}
		if j.DeleteVolumes || j.Cluster.CreatedBySkep(t) {
			one.Disposition = finding.Delete
		}
		found = append(found, one)
	}
	return found
}

// elasticIPs judges the elastic IP addresses with tags of the cluster.
func (j judge) elasticIPs() []finding.Finding {
	var found []finding.Finding
	for _, id := range j.ElasticIPs {
		found = append(found, finding.Finding{
			Type: finding.ElasticIP, ID: id, Disposition: finding.Delete, Price: finding.Hourly(finding.PublicAddressHour, 1),
		})
	}
	return found
}

// others judges the resources of all other types with tags of the cluster, such as
// snapshots. Skep keeps them because it does not know what they hold.
func (j judge) others() []finding.Finding {
	var found []finding.Finding
	for _, tag := range j.Others {
		found = append(found, finding.Finding{
			Type: finding.ResourceType(tag.ResourceType), ID: aws.ToString(tag.ResourceId), Disposition: finding.Keep, Creator: "tagged " + aws.ToString(tag.Key),
		})
	}
	return found
}
