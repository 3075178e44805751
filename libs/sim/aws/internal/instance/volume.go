package instance

import (
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/sim/aws/internal/ec2api"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// Volume is an EBS volume. It is attached to at most one instance, from AttachedAt until DetachedAt.
// https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volumes.html
type Volume struct {
	Zone             ec2api.Zone
	Type             types.VolumeType
	Size             int32 // GiB
	IOPS, Throughput int32
	Encrypted        bool
	KMSKey           string

	Instance, Device       string
	DeleteOnTermination    bool
	Attached               time.Time // when the attachment was requested
	AttachedAt, DetachedAt time.Time
}

// Owner implements engine.Attributes.
func (v Volume) Owner() string { return v.Instance }

// Summary implements engine.Attributes.
func (v Volume) Summary(name func(id string) string) string {
	text := fmt.Sprintf("%d GiB %s in %s", v.Size, v.Type, v.Zone.Name)
	if v.Encrypted {
		text += " encrypted"
	}
	if v.Instance != "" {
		text += " of " + name(v.Instance)
	}
	return text
}

// Volumes is the resource type with the attributes Volume.
var Volumes = engine.NewType[Volume](engine.Type{
	Service: "EC2", Name: "Volume", Noun: "volume", Prefix: "vol", TagType: "volume",
	NotFound: "InvalidVolume.NotFound", Malformed: "InvalidParameterValue",
})

var volumeFilters = ec2api.Filters[Volume]{
	"volume-id":         ec2api.ByID[Volume],
	"volume-type":       ec2api.ByText(func(v Volume) string { return string(v.Type) }),
	"availability-zone": ec2api.ByText(func(v Volume) string { return v.Zone.Name }),
	"size":              ec2api.ByText(func(v Volume) string { return strconv.Itoa(int(v.Size)) }),
	"encrypted":         ec2api.ByBool(func(v Volume) bool { return v.Encrypted }),
	"status":            func(c *engine.Call, r *engine.Resource[Volume]) []string { return []string{string(volumeState(c, r))} },
	"attachment.instance-id": func(c *engine.Call, r *engine.Resource[Volume]) []string {
		return attachmentValues(c, r, r.Data.Instance)
	},
	"attachment.device": func(c *engine.Call, r *engine.Resource[Volume]) []string {
		return attachmentValues(c, r, r.Data.Device)
	},
	"attachment.status": func(c *engine.Call, r *engine.Resource[Volume]) []string {
		return attachmentValues(c, r, string(r.Data.attachment(c.Now())))
	},
	"attachment.delete-on-termination": func(c *engine.Call, r *engine.Resource[Volume]) []string {
		return attachmentValues(c, r, strconv.FormatBool(r.Data.DeleteOnTermination))
	},
}

func attachmentValues(c *engine.Call, r *engine.Resource[Volume], value string) []string {
	if r.Data.attachment(c.Now()) == types.VolumeAttachmentStateDetached {
		return nil
	}
	return []string{value}
}

func handleVolume(s *engine.Service) {
	engine.Handle(s, "CreateVolume", engine.Fields{"AvailabilityZone", "AvailabilityZoneId", "ClientToken", "Encrypted", "Iops", "KmsKeyId", "Size", "TagSpecifications", "Throughput", "VolumeType"}, createVolume)
	engine.Handle(s, "DeleteVolume", engine.Fields{"VolumeId"}, deleteVolume)
	engine.Handle(s, "DescribeVolumes", engine.Fields{"Filters", "MaxResults", "NextToken", "VolumeIds"}, func(c *engine.Call, in *ec2.DescribeVolumesInput) (*ec2.DescribeVolumesOutput, error) {
		shown, next, err := ec2api.Describe(c, Volumes, volumeFilters, ec2api.Query{IDs: in.VolumeIds, Filters: in.Filters, Max: in.MaxResults, Next: in.NextToken}, showVolume)
		return &ec2.DescribeVolumesOutput{Volumes: shown, NextToken: next}, err
	})
}

func createVolume(c *engine.Call, in *ec2.CreateVolumeInput) (*ec2.CreateVolumeOutput, error) {
	r, err := ec2api.Once(c, Volumes, in.ClientToken, in, func() (*engine.Resource[Volume], error) {
		if in.AvailabilityZone == nil && in.AvailabilityZoneId == nil {
			return nil, engine.MissingParameter("AvailabilityZone")
		}
		zone, err := ec2api.FindZone(c, in.AvailabilityZone, in.AvailabilityZoneId)
		if err != nil {
			return nil, err
		}
		if in.Size == nil {
			return nil, engine.MissingParameter("size/snapshot")
		}
		v, err := NewVolume(zone, in.VolumeType, in.Size, in.Iops, in.Throughput, in.Encrypted, in.KmsKeyId)
		if err != nil {
			return nil, err
		}
		tags, err := ec2api.ReadTags(c, in.TagSpecifications, Volumes.TagType)
		if err != nil {
			return nil, err
		}
		r := Volumes.Create(c, "", v, tags)
		r.ReadyAt = c.After(latency.VolumeAvailable, r.Name())
		Volumes.Put(c, r)
		return r, nil
	})
	if err != nil {
		return nil, err
	}
	v := showVolume(c, r)
	return &ec2.CreateVolumeOutput{
		VolumeId: v.VolumeId, AvailabilityZone: v.AvailabilityZone, AvailabilityZoneId: v.AvailabilityZoneId, CreateTime: v.CreateTime,
		Encrypted: v.Encrypted, Iops: v.Iops, KmsKeyId: v.KmsKeyId, Size: v.Size, State: v.State, Tags: v.Tags,
		Throughput: v.Throughput, VolumeType: v.VolumeType, MultiAttachEnabled: aws.Bool(false),
	}, nil
}

// NewVolume returns the attributes of a volume after it has checked size, IOPS and throughput against the limits of
// EBS.
// https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html
func NewVolume(zone ec2api.Zone, sort types.VolumeType, size, iops, throughput *int32, encrypted *bool, key *string) (Volume, error) {
	v := Volume{Zone: zone, Type: sort, Size: aws.ToInt32(size), Encrypted: aws.ToBool(encrypted), KMSKey: aws.ToString(key)}
	switch sort {
	case "":
		v.Type = types.VolumeTypeGp2
		fallthrough
	case types.VolumeTypeGp2:
		if iops != nil || throughput != nil {
			return v, engine.Refuse("InvalidParameterCombination", "The parameters iops and throughput are not supported for gp2 volumes")
		}
		v.IOPS = min(max(3*v.Size, 100), 16000)
	case types.VolumeTypeGp3:
		v.IOPS, v.Throughput = 3000, 125
		if iops != nil {
			v.IOPS = *iops
		}
		if throughput != nil {
			v.Throughput = *throughput
		}
		if v.IOPS < 3000 || v.IOPS > 80000 || v.IOPS > max(3000, 500*v.Size) {
			return v, engine.Refuse("InvalidParameterValue", "Volume iops of %d is invalid for a gp3 volume of %d GiB", v.IOPS, v.Size)
		}
		if v.Throughput < 125 || v.Throughput > 2000 || 4*v.Throughput > v.IOPS {
			return v, engine.Refuse("InvalidParameterValue", "Volume throughput of %d is invalid for %d iops", v.Throughput, v.IOPS)
		}
	default:
		panic(fmt.Sprintf("awssim: VolumeType %s is not simulated", sort))
	}
	if v.Size < 1 || v.Size > 65536 {
		return v, engine.Refuse("InvalidParameterValue", "Volume of %dGiB is invalid; it has to be between 1GiB and 65536GiB", v.Size)
	}
	if key != nil && !v.Encrypted {
		return v, engine.Refuse("InvalidParameterDependency", "The parameter KmsKeyId requires the parameter Encrypted to be set.")
	}
	return v, nil
}

// deleteVolume refuses while the volume is attached.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVolume.html
func deleteVolume(c *engine.Call, in *ec2.DeleteVolumeInput) (*ec2.DeleteVolumeOutput, error) {
	r, err := Volumes.Get(c, in.VolumeId)
	if err != nil {
		return nil, err
	}
	if r.Data.attachment(c.Now()) != types.VolumeAttachmentStateDetached {
		return nil, engine.Refuse("VolumeInUse", "Volume %s is currently attached to %s", r.ID, r.Data.Instance)
	}
	Volumes.Delete(c, r)
	return &ec2.DeleteVolumeOutput{}, nil
}

// volumeState returns the state of a volume.
func volumeState(c *engine.Call, r *engine.Resource[Volume]) types.VolumeState {
	switch {
	case r.Deleting():
		return types.VolumeStateDeleting
	case r.Data.attachment(c.Now()) != types.VolumeAttachmentStateDetached:
		return types.VolumeStateInUse
	case !r.Ready(c.Now()):
		return types.VolumeStateCreating
	}
	return types.VolumeStateAvailable
}

func showVolume(c *engine.Call, r *engine.Resource[Volume]) types.Volume {
	v := r.Data
	shown := types.Volume{
		VolumeId: aws.String(r.ID), AvailabilityZone: aws.String(v.Zone.Name), AvailabilityZoneId: aws.String(v.Zone.ID),
		CreateTime: aws.Time(r.CreatedAt), Encrypted: aws.Bool(v.Encrypted), Iops: aws.Int32(v.IOPS), Size: aws.Int32(v.Size),
		KmsKeyId: engine.Optional(v.KMSKey), State: volumeState(c, r), VolumeType: v.Type, MultiAttachEnabled: aws.Bool(false), Tags: ec2api.Tags(c.VisibleTags(&r.Metadata)),
	}
	if v.Throughput > 0 {
		shown.Throughput = aws.Int32(v.Throughput)
	}
	if state := v.attachment(c.Now()); state != types.VolumeAttachmentStateDetached {
		shown.Attachments = []types.VolumeAttachment{{
			VolumeId: aws.String(r.ID), InstanceId: aws.String(v.Instance), Device: aws.String(v.Device), State: state,
			AttachTime: aws.Time(v.Attached), DeleteOnTermination: aws.Bool(v.DeleteOnTermination),
		}}
	}
	return shown
}
