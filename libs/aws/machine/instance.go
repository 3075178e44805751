package machine

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/session"
)

// FindInstance returns the instance with this id. While id is "", it returns the instance that RunInstances with this
// token created. It returns nil if there is none.
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

// MetadataHops is the hop limit of answers of the metadata service: they reach the machine and a pod on it.
const MetadataHops = 2

// RootVolume returns the root volume of a machine: encrypted, with this size in GiB, and deleted with the machine.
func RootVolume(gib int32) types.EbsBlockDevice {
	return types.EbsBlockDevice{
		VolumeType:          types.VolumeTypeGp3,
		VolumeSize:          aws.Int32(gib),
		Encrypted:           aws.Bool(true),
		DeleteOnTermination: aws.Bool(true),
	}
}
