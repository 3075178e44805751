package aws

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle("EC2", "AttachVolume", fields{"Device", "InstanceId", "VolumeId"}, attachVolume)
	handle("EC2", "DetachVolume", fields{"Device", "InstanceId", "VolumeId"}, detachVolume)
}

// attachment is how far the volume has come to its instance, or from it.
func (v volume) attachment(now time.Time) types.VolumeAttachmentState {
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

// attachVolume refuses what is elsewhere, taken or not there yet.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachVolume.html
func attachVolume(c *call, in *ec2.AttachVolumeInput) (*ec2.AttachVolumeOutput, error) {
	r, err := volumes.get(c, in.VolumeId)
	if err != nil {
		return nil, err
	}
	i, err := instances.get(c, in.InstanceId)
	if err != nil {
		return nil, err
	}
	device := aws.ToString(in.Device)
	if state := volumeState(c, r); state == types.VolumeStateInUse {
		return nil, refuse("VolumeInUse", "%s is already attached to an instance", r.ID)
	} else if state != types.VolumeStateAvailable {
		return nil, refuse("IncorrectState", "%s is not 'available'.", r.ID)
	}
	taken := slices.ContainsFunc(volumes.of(c, i.ID), func(v *row[volume]) bool {
		return v.Data.Device == device && v.Data.attachment(c.now()) != types.VolumeAttachmentStateDetached
	})
	switch {
	case instanceState(c, i) != types.InstanceStateNameRunning:
		return nil, refuse("IncorrectState", "Instance '%s' is not 'running'.", i.ID)
	case r.Data.Zone.Name != i.Data.Zone:
		return nil, refuse("InvalidVolume.ZoneMismatch", "The volume '%s' is not in the same availability zone as instance '%s'", r.ID, i.ID)
	case device == "" || taken:
		return nil, refuse("InvalidParameterValue", "Invalid value '%s' for unixDevice. Attachment point %s is already in use", device, device)
	}
	join(c, r, i, device, false)
	shown := showVolume(c, r).Attachments[0]
	return &ec2.AttachVolumeOutput{
		VolumeId: shown.VolumeId, InstanceId: shown.InstanceId, Device: shown.Device, State: shown.State, AttachTime: shown.AttachTime,
		DeleteOnTermination: shown.DeleteOnTermination,
	}, nil
}

// join gives a volume to an instance.
func join(c *call, r *row[volume], i *row[instance], device string, deleteOnTermination bool) {
	v := &r.Data
	v.Instance, v.Device, v.DeleteOnTermination, v.Attached, v.DetachedAt = i.ID, device, deleteOnTermination, c.now(), time.Time{}
	v.AttachedAt = c.now().Add(c.w.latency("Volume/attached", nameOf(&r.meta, r.Data)))
	volumes.put(c, r)
}

func detachVolume(c *call, in *ec2.DetachVolumeInput) (*ec2.DetachVolumeOutput, error) {
	r, err := volumes.get(c, in.VolumeId)
	if err != nil {
		return nil, err
	}
	state := r.Data.attachment(c.now())
	switch {
	case state == types.VolumeAttachmentStateDetached:
		return nil, refuse("IncorrectState", "Volume '%s' is in the '%s' state.", r.ID, volumeState(c, r))
	case in.InstanceId != nil && *in.InstanceId != r.Data.Instance, in.Device != nil && *in.Device != r.Data.Device:
		return nil, refuse("InvalidAttachment.NotFound", "The volume '%s' is not attached to instance '%s' as device '%s'.", r.ID, aws.ToString(in.InstanceId), aws.ToString(in.Device))
	case r.Data.Device == rootDevice:
		return nil, refuse("OperationNotPermitted", "Unable to detach root volume '%s' from instance '%s'", r.Data.Device, r.Data.Instance)
	}
	if state != types.VolumeAttachmentStateDetaching {
		r.Data.DetachedAt = c.now().Add(c.w.latency("Volume/detached", nameOf(&r.meta, r.Data)))
		volumes.put(c, r)
		c.w.scheduleDetach(volumes.scope(c), r)
	}
	return &ec2.DetachVolumeOutput{
		VolumeId: aws.String(r.ID), InstanceId: aws.String(r.Data.Instance), Device: aws.String(r.Data.Device),
		State: r.Data.attachment(c.now()), AttachTime: aws.Time(r.Data.Attached),
	}, nil
}

// scheduleDetach sets a volume free when it is detached.
func (w *World) scheduleDetach(s scope, r *row[volume]) {
	when := r.Data.DetachedAt
	w.at(when, s, func(c *call) {
		now, ok := volumes.in(w, s).byID[r.ID]
		if ok && now.Data.DetachedAt.Equal(when) {
			now.Data.Instance, now.Data.Device, now.Data.DeleteOnTermination, now.Data.DetachedAt = "", "", false, time.Time{}
			volumes.put(c, now)
		}
	})
}
