package leftover

import (
	"context"
	"errors"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	classic "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
)

// EC2 is the part of the EC2 API that this package calls. *ec2.Client implements it.
type EC2 interface {
	ec2.DescribeInstancesAPIClient
	ec2.DescribeNatGatewaysAPIClient
	ec2.DescribeNetworkInterfacesAPIClient
	ec2.DescribeRouteTablesAPIClient
	ec2.DescribeSecurityGroupsAPIClient
	ec2.DescribeSubnetsAPIClient
	ec2.DescribeTagsAPIClient
	ec2.DescribeVolumesAPIClient
	ec2.DescribeVpcEndpointsAPIClient
	ec2.DescribeVpcPeeringConnectionsAPIClient
	DescribeAddresses(context.Context, *ec2.DescribeAddressesInput, ...func(*ec2.Options)) (*ec2.DescribeAddressesOutput, error)

	DeleteNetworkInterface(context.Context, *ec2.DeleteNetworkInterfaceInput, ...func(*ec2.Options)) (*ec2.DeleteNetworkInterfaceOutput, error)
	DeleteSecurityGroup(context.Context, *ec2.DeleteSecurityGroupInput, ...func(*ec2.Options)) (*ec2.DeleteSecurityGroupOutput, error)
	DeleteVolume(context.Context, *ec2.DeleteVolumeInput, ...func(*ec2.Options)) (*ec2.DeleteVolumeOutput, error)
	DeleteVpcEndpoints(context.Context, *ec2.DeleteVpcEndpointsInput, ...func(*ec2.Options)) (*ec2.DeleteVpcEndpointsOutput, error)
	ReleaseAddress(context.Context, *ec2.ReleaseAddressInput, ...func(*ec2.Options)) (*ec2.ReleaseAddressOutput, error)
	RevokeSecurityGroupEgress(context.Context, *ec2.RevokeSecurityGroupEgressInput, ...func(*ec2.Options)) (*ec2.RevokeSecurityGroupEgressOutput, error)
	RevokeSecurityGroupIngress(context.Context, *ec2.RevokeSecurityGroupIngressInput, ...func(*ec2.Options)) (*ec2.RevokeSecurityGroupIngressOutput, error)
	TerminateInstances(context.Context, *ec2.TerminateInstancesInput, ...func(*ec2.Options)) (*ec2.TerminateInstancesOutput, error)
}

// ELB is the part of the API of load balancers that this package calls.
type ELB interface {
	elb.DescribeLoadBalancersAPIClient
	elb.DescribeTargetGroupsAPIClient
	DescribeTags(context.Context, *elb.DescribeTagsInput, ...func(*elb.Options)) (*elb.DescribeTagsOutput, error)
	DeleteLoadBalancer(context.Context, *elb.DeleteLoadBalancerInput, ...func(*elb.Options)) (*elb.DeleteLoadBalancerOutput, error)
	DeleteTargetGroup(context.Context, *elb.DeleteTargetGroupInput, ...func(*elb.Options)) (*elb.DeleteTargetGroupOutput, error)
}

// ClassicELB is the part of the API of load balancers of the first generation.
type ClassicELB interface {
	classic.DescribeLoadBalancersAPIClient
	DescribeTags(context.Context, *classic.DescribeTagsInput, ...func(*classic.Options)) (*classic.DescribeTagsOutput, error)
	DeleteLoadBalancer(context.Context, *classic.DeleteLoadBalancerInput, ...func(*classic.Options)) (*classic.DeleteLoadBalancerOutput, error)
}

var (
	_ EC2        = (*ec2.Client)(nil)
	_ ELB        = (*elb.Client)(nil)
	_ ClassicELB = (*classic.Client)(nil)
)

// AWS is where things are looked for and removed.
type AWS struct {
	EC2     EC2
	ELB     ELB
	Classic ClassicELB
}

// pager goes through the pages of an answer. The SDK has one for each operation.
type pager[Out, Options any] interface {
	HasMorePages() bool
	NextPage(ctx context.Context, options ...func(*Options)) (*Out, error)
}

// pages takes every page of an answer.
func pages[Out, Options any](ctx context.Context, p pager[Out, Options], take func(*Out)) error {
	for p.HasMorePages() {
		out, err := p.NextPage(ctx)
		if err != nil {
			return err
		}
		take(out)
	}
	return nil
}

// together makes calls side by side.
func together(calls ...func() error) error {
	errs := make([]error, len(calls))
	var wg sync.WaitGroup
	for i, call := range calls {
		wg.Go(func() { errs[i] = call() })
	}
	wg.Wait()
	return errors.Join(errs...)
}
