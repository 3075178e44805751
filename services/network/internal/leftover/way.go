package leftover

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	classic "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/latency"
)

// presence is whether a thing is there.
type presence int

const (
	absent presence = iota
	present
	ending
)

// way is how a sort of thing is looked at and removed.
type way struct {
	look   func(ctx context.Context, in AWS, id string) (presence, error)
	remove func(ctx context.Context, l *Leftover) error
	// gone is how long it usually takes to go once it was asked to.
	gone time.Duration
}

// ways are those of all sorts. What has no remove is only ever foreign.
var ways = map[Sort]way{
	Instance:            {look: lookInstance, remove: removeInstance, gone: latency.Of(latency.InstanceDeleted)},
	LoadBalancer:        {look: lookBalancer, remove: removeBalancer, gone: time.Second},
	ClassicLoadBalancer: {look: lookClassic, remove: removeClassic, gone: time.Second},
	TargetGroup:         {look: lookTargetGroup, remove: removeTargetGroup},
	NetworkInterface:    {look: lookInterface, remove: removeInterface},
	SecurityGroup:       {look: lookSecurityGroup, remove: removeSecurityGroup},
	VPCEndpoint:         {look: lookEndpoint, remove: removeEndpoint, gone: latency.Of(latency.VPCEndpointDeleted)},
	Volume:              {look: lookVolume, remove: removeVolume},
	Address:             {look: lookAddress, remove: releaseAddress},
	NATGateway:          {look: lookGateway},
	Subnet:              {look: lookSubnet},
	RouteTable:          {look: lookTable},
	Peering:             {look: lookPeering},
}

// byID asks for one thing by a filter, so that its absence is an empty answer.
func byID(filter, id string) []types.Filter {
	return []types.Filter{{Name: aws.String(filter), Values: []string{id}}}
}

// some says whether an answer shows something.
func some[T any](found []T, err error) (presence, error) {
	if err != nil || len(found) == 0 {
		return absent, errorclass.IgnoreNotFound(err)
	}
	return present, nil
}

func lookInstance(ctx context.Context, in AWS, id string) (presence, error) {
	out, err := in.EC2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{Filters: byID("instance-id", id)})
	if err != nil {
		return absent, errorclass.IgnoreNotFound(err)
	}
	for _, reservation := range out.Reservations {
		for _, instance := range reservation.Instances {
			switch {
			case !living(instance):
			case instance.State.Name == types.InstanceStateNameShuttingDown:
				return ending, nil
			default:
				return present, nil
			}
		}
	}
	return absent, nil
}

func removeInstance(ctx context.Context, l *Leftover) error {
	_, err := l.aws.EC2.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{l.ID()}})
	return err
}

func lookBalancer(ctx context.Context, in AWS, arn string) (presence, error) {
	out, err := in.ELB.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{LoadBalancerArns: []string{arn}})
	if err != nil {
		return absent, errorclass.IgnoreNotFound(err)
	}
	return some(out.LoadBalancers, nil)
}

func removeBalancer(ctx context.Context, l *Leftover) error {
	_, err := l.aws.ELB.DeleteLoadBalancer(ctx, &elb.DeleteLoadBalancerInput{LoadBalancerArn: aws.String(l.ID())})
	return err
}

func lookClassic(ctx context.Context, in AWS, name string) (presence, error) {
	out, err := in.Classic.DescribeLoadBalancers(ctx, &classic.DescribeLoadBalancersInput{LoadBalancerNames: []string{name}})
	if err != nil {
		return absent, errorclass.IgnoreNotFound(err)
	}
	return some(out.LoadBalancerDescriptions, nil)
}

func removeClassic(ctx context.Context, l *Leftover) error {
	_, err := l.aws.Classic.DeleteLoadBalancer(ctx, &classic.DeleteLoadBalancerInput{LoadBalancerName: aws.String(l.ID())})
	return err
}

func lookTargetGroup(ctx context.Context, in AWS, arn string) (presence, error) {
	out, err := in.ELB.DescribeTargetGroups(ctx, &elb.DescribeTargetGroupsInput{TargetGroupArns: []string{arn}})
	if err != nil {
		return absent, errorclass.IgnoreNotFound(err)
	}
	return some(out.TargetGroups, nil)
}

func removeTargetGroup(ctx context.Context, l *Leftover) error {
	_, err := l.aws.ELB.DeleteTargetGroup(ctx, &elb.DeleteTargetGroupInput{TargetGroupArn: aws.String(l.ID())})
	return err
}

func lookInterface(ctx context.Context, in AWS, id string) (presence, error) {
	out, err := in.EC2.DescribeNetworkInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{Filters: byID("network-interface-id", id)})
	if err != nil {
		return absent, err
	}
	return some(out.NetworkInterfaces, nil)
}

func removeInterface(ctx context.Context, l *Leftover) error {
	_, err := l.aws.EC2.DeleteNetworkInterface(ctx, &ec2.DeleteNetworkInterfaceInput{NetworkInterfaceId: aws.String(l.ID())})
	return err
}

func lookEndpoint(ctx context.Context, in AWS, id string) (presence, error) {
	out, err := in.EC2.DescribeVpcEndpoints(ctx, &ec2.DescribeVpcEndpointsInput{Filters: byID("vpc-endpoint-id", id)})
	if err != nil {
		return absent, err
	}
	for _, endpoint := range out.VpcEndpoints {
		switch {
		case strings.EqualFold(string(endpoint.State), string(types.StateDeleted)):
		case strings.EqualFold(string(endpoint.State), string(types.StateDeleting)):
			return ending, nil
		default:
			return present, nil
		}
	}
	return absent, nil
}

func removeEndpoint(ctx context.Context, l *Leftover) error {
	_, err := l.aws.EC2.DeleteVpcEndpoints(ctx, &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{l.ID()}})
	return err
}

func lookVolume(ctx context.Context, in AWS, id string) (presence, error) {
	out, err := in.EC2.DescribeVolumes(ctx, &ec2.DescribeVolumesInput{Filters: byID("volume-id", id)})
	if err != nil {
		return absent, err
	}
	return some(out.Volumes, nil)
}

func removeVolume(ctx context.Context, l *Leftover) error {
	_, err := l.aws.EC2.DeleteVolume(ctx, &ec2.DeleteVolumeInput{VolumeId: aws.String(l.ID())})
	return err
}
