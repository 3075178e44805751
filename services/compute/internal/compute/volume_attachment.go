package compute

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// VolumeAttachment attaches the etcd volume of a member to its instance. AWS refuses it unless the instance is running.
type VolumeAttachment struct {
	graph.Node
	account
	Volume   *EtcdVolume
	Instance *Instance
}

// etcdDevice is the first device name that AWS recommends for data volumes:
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html.
const etcdDevice = "/dev/sdf"

// Name implements graph.Resource.
func (a *VolumeAttachment) Name() string { return "volume-attachment/" + a.Volume.Member.Name }

// Needs implements graph.Resource.
func (a *VolumeAttachment) Needs() []graph.Resource {
	return []graph.Resource{a.Volume, a.Instance}
}

// Key implements graph.NaturallyKeyed: a volume has one attachment.
func (a *VolumeAttachment) Key() string { return a.Volume.ID() }

// Container implements graph.Contained. AWS detaches the volume when the instance terminates and refuses to delete the
// volume before.
func (a *VolumeAttachment) Container() (resourceType string, holds bool) { return "instance", true }

// ExpectedLatency implements graph.Asynchronous. AWS publishes no figure; an attachment takes seconds.
func (a *VolumeAttachment) ExpectedLatency() graph.Latency {
	return graph.Latency{Ready: latency.Of(latency.VolumeAttached)}
}

// Observe implements graph.Resource. The resource is pending while the volume is attached to a former instance.
func (a *VolumeAttachment) Observe(ctx context.Context) (graph.State, error) {
	out, err := a.DescribeVolumes(ctx, &ec2.DescribeVolumesInput{VolumeIds: []string{a.ID()}})
	if err != nil {
		return graph.Absent, errorclass.IgnoreNotFound(err)
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

// Delete implements graph.Resource. It does nothing: AWS detaches the volume when the instance terminates.
// Detaching a mounted volume from a running instance hangs until that instance terminates.
func (a *VolumeAttachment) Delete(context.Context) error { return nil }
