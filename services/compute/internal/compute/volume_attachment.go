package compute

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// VolumeAttachment gives a member's instance its etcd volume. AWS refuses it
// while the instance does not run.
type VolumeAttachment struct {
	graph.Node
	account
	Volume   *EtcdVolume
	Instance *Instance
}

// etcdDevice is the first of the names that AWS recommends for disks of data:
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html.
const etcdDevice = "/dev/sdf"

// Name implements graph.Resource.
func (a *VolumeAttachment) Name() string { return "volume-attachment/" + a.Volume.Member.Name }

// Needs implements graph.Resource.
func (a *VolumeAttachment) Needs() []graph.Resource {
	return []graph.Resource{a.Volume, a.Instance}
}

// Key implements graph.Keyed: a volume has one attachment.
func (a *VolumeAttachment) Key() string { return a.Volume.ID() }

// Container implements graph.Contained: a volume is detached from a machine that
// ended, and cannot go before.
func (a *VolumeAttachment) Container() (kind string, holds bool) { return "instance", true }

// Usual implements graph.Slow.
func (a *VolumeAttachment) Usual() graph.Latency {
	return graph.Latency{Ready: latency.Of(latency.VolumeAttached)}
}

// Observe implements graph.Resource. A volume that still hangs on an instance
// of before is waited for.
func (a *VolumeAttachment) Observe(ctx context.Context) (graph.State, error) {
	out, err := a.DescribeVolumes(ctx, &ec2.DescribeVolumesInput{VolumeIds: []string{a.ID()}})
	if err != nil {
		return graph.Absent, session.IgnoreGone(err)
	}
	for _, volume := range out.Volumes {
		for _, attachment := range volume.Attachments {
			if attachment.State == types.VolumeAttachmentStateDetached {
				continue
			}
			here := a.Instance == nil || aws.ToString(attachment.InstanceId) == a.Instance.ID()
			if here && attachment.State == types.VolumeAttachmentStateAttached {
				return graph.Ready, nil
			}
			return graph.Pending, nil
		}
	}
	return graph.Absent, nil
}

// Create implements graph.Resource.
func (a *VolumeAttachment) Create(ctx context.Context) (graph.State, error) {
	_, err := a.AttachVolume(ctx, &ec2.AttachVolumeInput{
		VolumeId:   aws.String(a.ID()),
		InstanceId: aws.String(a.Instance.ID()),
		Device:     aws.String(etcdDevice),
	})
	if err != nil {
		return graph.Absent, err
	}
	return graph.Pending, nil
}

// Delete implements graph.Resource: the attachment goes with its instance. To
// take a mounted disk from a running machine hangs until that machine ends.
func (a *VolumeAttachment) Delete(context.Context) error { return nil }
