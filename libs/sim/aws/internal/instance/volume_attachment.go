package instance

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

func handleVolumeAttachment(s *engine.Service) {
	engine.Handle(s, "AttachVolume", engine.Fields{"Device", "InstanceId", "VolumeId"}, attachVolume)
	engine.Handle(s, "DetachVolume", engine.Fields{"Device", "InstanceId", "VolumeId"}, detachVolume)
}

// attachment returns the state of the attachment to an instance.
func (v Volume) attachment(now time.Time) types.VolumeAttachmentState {
	switch {
	case v.Instance == "", !v.DetachedAt.IsZero() && !now.Before(v.DetachedAt):
		return types.VolumeAttachmentStateDetached
	case !v.DetachedAt.IsZero():
		return types.VolumeAttachmentStateDetaching
	case now.Before(v.AttachedAt):
		return types.VolumeAttachmentStateAttaching
	}
	return types.VolumeAttachmentStateAttached
}

// attachVolume refuses a volume that is in use or not available, or in another zone than the instance.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachVolume.html
func attachVolume(c *engine.Call, in *ec2.AttachVolumeInput) (*ec2.AttachVolumeOutput, error) {
	r, err := Volumes.Get(c, in.VolumeId)
	if err != nil {
		return nil, err
	}
	i, err := Instances.Get(c, in.InstanceId)
	if err != nil {
		return nil, err
	}
	device := aws.ToString(in.Device)
	if state := volumeState(c, r); state == types.VolumeStateInUse {
		return nil, engine.Refuse("VolumeInUse", "%s is already attached to an instance", r.ID)
	} else if state != types.VolumeStateAvailable {
		return nil, engine.Refuse("IncorrectState", "%s is not 'available'.", r.ID)
	}
	taken := slices.ContainsFunc(Volumes.OwnedBy(c, i.ID), func(v *engine.Resource[Volume]) bool {
		return v.Data.Device == device && v.Data.attachment(c.Now()) != types.VolumeAttachmentStateDetached
	})
	switch {
	case State(c, i) != types.InstanceStateNameRunning:
		return nil, engine.Refuse("IncorrectState", "Instance '%s' is not 'running'.", i.ID)
	case r.Data.Zone.Name != i.Data.Zone:
		return nil, engine.Refuse("InvalidVolume.ZoneMismatch", "The volume '%s' is not in the same availability zone as instance '%s'", r.ID, i.ID)
	case device == "" || taken:
		return nil, engine.Refuse("InvalidParameterValue", "Invalid value '%s' for unixDevice. Attachment point %s is already in use", device, device)
	}
	attach(c, r, i, device, false)
	shown := showVolume(c, r).Attachments[0]
	return &ec2.AttachVolumeOutput{
		VolumeId: shown.VolumeId, InstanceId: shown.InstanceId, Device: shown.Device, State: shown.State, AttachTime: shown.AttachTime,
		DeleteOnTermination: shown.DeleteOnTermination,
	}, nil
}

// attach attaches a volume to an instance.
func attach(c *engine.Call, r *engine.Resource[Volume], i *engine.Resource[Instance], device string, deleteOnTermination bool) {
	v := &r.Data
	v.Instance, v.Device, v.DeleteOnTermination, v.Attached, v.DetachedAt = i.ID, device, deleteOnTermination, c.Now(), time.Time{}
	v.AttachedAt = c.After(latency.VolumeAttached, r.Name())
	Volumes.Put(c, r)
}

func detachVolume(c *engine.Call, in *ec2.DetachVolumeInput) (*ec2.DetachVolumeOutput, error) {
	r, err := Volumes.Get(c, in.VolumeId)
	if err != nil {
		return nil, err
	}
	state := r.Data.attachment(c.Now())
	switch {
	case state == types.VolumeAttachmentStateDetached:
		return nil, engine.Refuse("IncorrectState", "Volume '%s' is in the '%s' state.", r.ID, volumeState(c, r))
	case in.InstanceId != nil && *in.InstanceId != r.Data.Instance, in.Device != nil && *in.Device != r.Data.Device:
		return nil, engine.Refuse("InvalidAttachment.NotFound", "The volume '%s' is not attached to instance '%s' as device '%s'.", r.ID, aws.ToString(in.InstanceId), aws.ToString(in.Device))
	case r.Data.Device == rootDevice:
		return nil, engine.Refuse("OperationNotPermitted", "Unable to detach root volume '%s' from instance '%s'", r.Data.Device, r.Data.Instance)
	}
	if state != types.VolumeAttachmentStateDetaching {
		r.Data.DetachedAt = c.After(latency.VolumeDetached, r.Name())
		Volumes.Put(c, r)
		scheduleDetach(c, r)
	}
	return &ec2.DetachVolumeOutput{
		VolumeId: aws.String(r.ID), InstanceId: aws.String(r.Data.Instance), Device: aws.String(r.Data.Device),
		State: r.Data.attachment(c.Now()), AttachTime: aws.Time(r.Data.Attached),
	}, nil
}

// scheduleDetach clears the attachment of a volume when its detach is complete.
func scheduleDetach(c *engine.Call, r *engine.Resource[Volume]) {
	when := r.Data.DetachedAt
	c.Schedule(when, func(c *engine.Call) {
		now, ok := Volumes.Find(c, r.ID)
		if ok && now.Data.DetachedAt.Equal(when) {
			now.Data.Instance, now.Data.Device, now.Data.DeleteOnTermination, now.Data.DetachedAt = "", "", false, time.Time{}
			Volumes.Put(c, now)
		}
	})
}
