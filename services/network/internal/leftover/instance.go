package leftover

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// living reports whether an instance has not ended yet.
func living(i types.Instance) bool {
	return i.State != nil && i.State.Name != types.InstanceStateNameTerminated
}

func (s *scenery) fateOf(i types.Instance) Fate {
	t := ec2Tags(i.Tags)
	if s.Members && s.member(t) {
		return ""
	}
	return s.fate(t)
}

// judgeInstances judges the machines in the VPC. A machine answers for the
// network interfaces that go with it; of those that outlive it, and of its
// volumes, it stands on them.
func (s *scenery) judgeInstances() []Thing {
	var things []Thing
	for _, i := range s.instances {
		t := ec2Tags(i.Tags)
		if !living(i) || s.known(aws.ToString(i.InstanceId), t) {
			continue
		}
		thing := Thing{
			Sort: Instance, ID: aws.ToString(i.InstanceId), Name: t["Name"], Fate: s.fate(t), Since: aws.ToTime(i.LaunchTime),
		}
		if thing.Creator = s.made(t, s.launchers[thing.ID]); s.creator(t) == "" && i.KeyName != nil {
			thing.Creator += ", with the key pair " + *i.KeyName
		}
		for _, own := range s.interfaces {
			if own.Attachment != nil && aws.ToString(own.Attachment.InstanceId) == thing.ID {
				thing.On = append(thing.On, stands(own)...)
				if thing.Fate == Goes && !aws.ToBool(own.Attachment.DeleteOnTermination) {
					thing.On = append(thing.On, aws.ToString(own.NetworkInterfaceId))
				}
			}
		}
		for _, v := range s.volumes {
			if attachedTo(v) == thing.ID {
				thing.On = append(thing.On, aws.ToString(v.VolumeId))
			}
		}
		things = append(things, thing)
	}
	slices.SortFunc(things, func(a, b Thing) int { return a.Since.Compare(b.Since) })
	return things
}
