package leftover

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// volumes are those among what carries the cluster's tags.
func (f *Finder) volumes(ctx context.Context, tagged []types.TagDescription) (found []types.Volume, err error) {
	ids := f.strays(tagged, types.ResourceTypeVolume)
	if len(ids) == 0 {
		return nil, nil
	}
	in := &ec2.DescribeVolumesInput{Filters: []types.Filter{{Name: aws.String("volume-id"), Values: ids}}}
	err = pages(ctx, ec2.NewDescribeVolumesPaginator(f.EC2, in), func(out *ec2.DescribeVolumesOutput) { found = append(found, out.Volumes...) })
	return found, wrap("list volumes", err)
}

// strays are the ids, each once, of the things of a resource type that carry
// the cluster's tags and are not known here.
func (f *Finder) strays(tagged []types.TagDescription, of types.ResourceType) []string {
	var ids []string
	seen := make(map[string]bool)
	for _, tag := range tagged {
		if id := aws.ToString(tag.ResourceId); tag.ResourceType == of && f.stray(tag) && !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}

// attachedTo is the instance that a volume is attached to, or "".
func attachedTo(v types.Volume) string {
	for _, attachment := range v.Attachments {
		return aws.ToString(attachment.InstanceId)
	}
	return ""
}

// judgeVolumes judges the volumes with the cluster's tags. Those of pods are
// data, and kept unless it was declared otherwise.
func (s *scenery) judgeVolumes() []Thing {
	var things []Thing
	for _, v := range s.volumes {
		t := ec2Tags(v.Tags)
		if s.known(aws.ToString(v.VolumeId), t) || !s.owned(t) || v.State == types.VolumeStateDeleting || v.State == types.VolumeStateDeleted {
			continue
		}
		thing := Thing{
			Sort: Volume, ID: aws.ToString(v.VolumeId), Name: t["Name"], Fate: Kept, Creator: s.creator(t), Since: aws.ToTime(v.CreateTime),
			Price: volumePrice(v.VolumeType, aws.ToInt32(v.Size)),
		}
		if s.DeleteVolumes || s.member(t) {
			thing.Fate = Goes
		}
		things = append(things, thing)
	}
	return things
}

// judgeAddresses judges the elastic addresses with the cluster's tags.
func (s *scenery) judgeAddresses() []Thing {
	var things []Thing
	for _, id := range s.strays(s.tagged, types.ResourceTypeElasticIp) {
		things = append(things, Thing{Sort: Address, ID: id, Fate: Goes, Price: hourly(publicAddressHour, 1)})
	}
	return things
}
