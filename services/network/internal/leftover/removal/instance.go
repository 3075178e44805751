package removal

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
)

func observeInstance(ctx context.Context, api AWS, id string) (presence, error) {
	out, err := api.EC2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{Filters: byID("instance-id", id)})
	if err != nil {
		return absent, errorclass.IgnoreNotFound(err)
	}
	for _, reservation := range out.Reservations {
		for _, instance := range reservation.Instances {
			switch {
			case instance.State == nil || instance.State.Name == types.InstanceStateNameTerminated:
			case instance.State.Name == types.InstanceStateNameShuttingDown:
				return deleting, nil
			default:
				return present, nil
			}
		}
	}
	return absent, nil
}

func terminateInstance(ctx context.Context, l *Leftover) error {
	_, err := l.aws.EC2.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{l.ID()}})
	return err
}

func observeVolume(ctx context.Context, api AWS, id string) (presence, error) {
	out, err := api.EC2.DescribeVolumes(ctx, &ec2.DescribeVolumesInput{Filters: byID("volume-id", id)})
	if err != nil {
		return absent, err
	}
	return listed(out.Volumes), nil
}

func deleteVolume(ctx context.Context, l *Leftover) error {
	_, err := l.aws.EC2.DeleteVolume(ctx, &ec2.DeleteVolumeInput{VolumeId: aws.String(l.ID())})
	return err
}
