package machine

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/session"
)

// FindInstance returns the instance of an id, or while that is not known, what a
// RunInstances with this token made. It returns nil if there is none.
func FindInstance(ctx context.Context, api ec2.DescribeInstancesAPIClient, id, token string) (*types.Instance, error) {
	in := &ec2.DescribeInstancesInput{Filters: session.ByIntent(token)}
	if id != "" {
		in = &ec2.DescribeInstancesInput{InstanceIds: []string{id}}
	}
	out, err := api.DescribeInstances(ctx, in)
	if err != nil {
		return nil, errorclass.IgnoreNotFound(err)
	}
	var found []types.Instance
	for _, reservation := range out.Reservations {
		found = append(found, reservation.Instances...)
	}
	return session.Only(found)
}

// MetadataHops is how far answers of the metadata service travel: to the machine
// and to a pod on it, and no further.
const MetadataHops = 2

// RootVolume is the root disk of a machine: of this size in GiB, encrypted, and
// gone with it.
func RootVolume(gib int32) types.EbsBlockDevice {
	return types.EbsBlockDevice{
		VolumeType:          types.VolumeTypeGp3,
		VolumeSize:          aws.Int32(gib),
		Encrypted:           aws.Bool(true),
		DeleteOnTermination: aws.Bool(true),
	}
}
