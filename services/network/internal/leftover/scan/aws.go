package scan

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	classic "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
)

// EC2 is the part of the EC2 API that a scan reads. *ec2.Client implements it.
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
}

// ELB is the part of the API of network and application load balancers that a scan reads.
type ELB interface {
	elb.DescribeLoadBalancersAPIClient
	elb.DescribeTargetGroupsAPIClient
	DescribeTags(context.Context, *elb.DescribeTagsInput, ...func(*elb.Options)) (*elb.DescribeTagsOutput, error)
}

// ClassicELB is the part of the API of classic load balancers that a scan reads.
type ClassicELB interface {
	classic.DescribeLoadBalancersAPIClient
	DescribeTags(context.Context, *classic.DescribeTagsInput, ...func(*classic.Options)) (*classic.DescribeTagsOutput, error)
}

// AWS is the AWS account and region that a scan reads.
type AWS struct {
	EC2     EC2
	ELB     ELB
	Classic ClassicELB
}
