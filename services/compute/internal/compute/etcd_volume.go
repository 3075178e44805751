package compute

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// EtcdVolume is the encrypted volume with the etcd data of a control-plane member. It outlives the instance. It depends
// only on a zone, so it exists before the network is ready. CreateVolume takes a client token.
type EtcdVolume struct {
	graph.Node
	account
	Member Member
	GiB    int32

	// deleted is set once AWS accepts the deletion.
	deleted bool
}

// Name implements graph.Resource.
func (v *EtcdVolume) Name() string { return "etcd-volume/" + v.Member.Name }

// Needs implements graph.Resource.
func (v *EtcdVolume) Needs() []graph.Resource { return nil }

// IdempotentCreate implements graph.IdempotentCreate.
func (v *EtcdVolume) IdempotentCreate() {}

// ExpectedLatency implements graph.Asynchronous. AWS publishes no figures; creating a volume and deleting a detached one take
// seconds.
func (v *EtcdVolume) ExpectedLatency() graph.Latency {
	return graph.Latency{Ready: latency.Of(latency.VolumeAvailable), Deleted: latency.Of(latency.VolumeDeleted)}
}

// Observe implements graph.Resource.
func (v *EtcdVolume) Observe(ctx context.Context) (graph.State, error) {
	volume, err := v.find(ctx)
	if err != nil || volume == nil {
		return graph.Absent, err
	}
	switch volume.State {
	case types.VolumeStateAvailable, types.VolumeStateInUse:
		return graph.Ready, nil
	case types.VolumeStateDeleted:
		return graph.Absent, nil
	case types.VolumeStateError:
		return graph.Absent, &fault.Fault{Kind: fault.Precondition, Class: fault.Dependency,
			Message: "AWS could not create the volume", Remedy: "Check the KMS key that encrypts volumes in this account."}
	case types.VolumeStateCreating, types.VolumeStateDeleting:
	}
	return graph.Pending, nil
}

func (v *EtcdVolume) find(ctx context.Context) (*types.Volume, error) {
	in := &ec2.DescribeVolumesInput{Filters: session.ByIntent(v.Token())}
	if v.ID() != "" {
		in = &ec2.DescribeVolumesInput{VolumeIds: []string{v.ID()}}
	}
	out, err := v.DescribeVolumes(ctx, in)
	if err != nil {
		return nil, errorclass.IgnoreNotFound(err)
	}
	volume, err := session.Only(out.Volumes)
	if volume != nil {
		v.SetID(aws.ToString(volume.VolumeId))
	}
	return volume, err
}

// Create implements graph.Resource.
func (v *EtcdVolume) Create(ctx context.Context) (graph.State, error) {
	out, err := v.CreateVolume(ctx, &ec2.CreateVolumeInput{
		AvailabilityZone:  aws.String(v.Member.Zone),
		VolumeType:        types.VolumeTypeGp3,
		Size:              aws.Int32(v.GiB),
		Encrypted:         aws.Bool(true),
		ClientToken:       aws.String(v.Token()),
		TagSpecifications: v.owner.EC2Tags(types.ResourceTypeVolume, v.Name(), v.Token(), v.owner.KubernetesTag("owned")),
	})
	if err != nil {
		return graph.Absent, err
	}
	v.SetID(aws.ToString(out.VolumeId))
	return graph.Pending, nil
}

// Delete implements graph.Resource. While the volume is attached, AWS answers VolumeInUse and Delete returns
// nil: AWS detaches the volume when its instance terminates (see VolumeAttachment), and a later reconciliation
// deletes it.
func (v *EtcdVolume) Delete(ctx context.Context) error {
	_, err := v.DeleteVolume(ctx, &ec2.DeleteVolumeInput{VolumeId: aws.String(v.ID())})
	if errorclass.Code(err) == "VolumeInUse" {
		return nil
	}
	v.deleted = errorclass.IgnoreNotFound(err) == nil
	return errorclass.IgnoreNotFound(err)
}

// Deleted implements graph.DeleteReporter: once AWS accepts the deletion, it cannot fail and no other resource waits for it.
func (v *EtcdVolume) Deleted() bool { return v.deleted }
