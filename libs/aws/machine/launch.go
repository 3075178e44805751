package machine

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/session"
)

// MetadataHops is the hop limit of answers of the metadata service on a machine with pods: they reach the machine and
// a pod on it.
const MetadataHops = 2

// Launch is the desired state of one instance, as far as the services have it in common.
type Launch struct {
	Owner session.Owner
	// Name is the name of the resource within its object, such as instance/eu-central-1a. The root volume of that
	// instance is root-volume/eu-central-1a in its tags.
	Name string
	// Token is the idempotency token of the create.
	Token string
	// Type is the instance type. It is "" during a delete, when the spec is unknown.
	Type string
	// Image is the id of the image. It boots from RootDevice.
	Image string
	// RootGiB is the size of the root volume, in GiB.
	RootGiB int32
	// MetadataHops is the hop limit of answers of the metadata service. 1 keeps them on the machine.
	MetadataHops int32
	// Tags are added to the owner tags of the instance and of its root volume.
	Tags []session.Tag
}

// Input returns the request that creates the instance with IMDSv2 and an encrypted root volume. The caller adds the
// network interface, and a profile and user data if the machine has them.
func (l Launch) Input() *ec2.RunInstancesInput {
	root := RootVolume(l.RootGiB)
	_, machine, _ := strings.Cut(l.Name, "/")
	return &ec2.RunInstancesInput{
		MinCount:     aws.Int32(1),
		MaxCount:     aws.Int32(1),
		ClientToken:  aws.String(l.Token),
		ImageId:      aws.String(l.Image),
		InstanceType: types.InstanceType(l.Type),
		MetadataOptions: &types.InstanceMetadataOptionsRequest{
			HttpEndpoint:            types.InstanceMetadataEndpointStateEnabled,
			HttpTokens:              types.HttpTokensStateRequired,
			HttpPutResponseHopLimit: aws.Int32(l.MetadataHops),
		},
		BlockDeviceMappings: []types.BlockDeviceMapping{{DeviceName: aws.String(RootDevice), Ebs: &root}},
		TagSpecifications: slices.Concat(
			l.Owner.EC2Tags(types.ResourceTypeInstance, l.Name, l.Token, l.Tags...),
			l.Owner.EC2Tags(types.ResourceTypeVolume, "root-volume/"+machine, l.Token, l.Tags...)),
	}
}

// Drifted reports whether instance type or metadata options differ from the desired state. It reports false while
// Type is "".
func (l Launch) Drifted(found *types.Instance) bool {
	if l.Type == "" {
		return false
	}
	metadata := found.MetadataOptions
	return string(found.InstanceType) != l.Type || metadata == nil ||
		metadata.HttpTokens != types.HttpTokensStateRequired || aws.ToInt32(metadata.HttpPutResponseHopLimit) != l.MetadataHops
}

// RootVolume returns the root volume of a machine: encrypted, with this size in GiB, and deleted with the machine.
func RootVolume(gib int32) types.EbsBlockDevice {
	return types.EbsBlockDevice{
		VolumeType:          types.VolumeTypeGp3,
		VolumeSize:          aws.Int32(gib),
		Encrypted:           aws.Bool(true),
		DeleteOnTermination: aws.Bool(true),
	}
}
