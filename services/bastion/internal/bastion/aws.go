package bastion

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/skep-dev/skep/libs/aws/session"
)

// EC2 is the part of the EC2 API that this package calls. *ec2.Client implements it.
type EC2 interface {
	ec2.DescribeImagesAPIClient
	ec2.DescribeInstancesAPIClient

	RunInstances(context.Context, *ec2.RunInstancesInput, ...func(*ec2.Options)) (*ec2.RunInstancesOutput, error)
	TerminateInstances(context.Context, *ec2.TerminateInstancesInput, ...func(*ec2.Options)) (*ec2.TerminateInstancesOutput, error)
}

var _ EC2 = (*ec2.Client)(nil)

// account is embedded by every resource of this package: the EC2 client of its account and region, and its owner.
type account struct {
	EC2
	owner session.Owner
}
