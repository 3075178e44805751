package ingress

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	dnstypes "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/skep-dev/skep/libs/aws/session"
)

// EC2 is the part of the EC2 API that this package calls. *ec2.Client implements it.
type EC2 interface {
	ec2.DescribeNetworkInterfacesAPIClient
}

// ELB is the part of the Elastic Load Balancing API that this package calls.
// *elasticloadbalancingv2.Client implements it.
type ELB interface {
	elb.DescribeListenersAPIClient
	elb.DescribeLoadBalancersAPIClient
	elb.DescribeTargetGroupsAPIClient
	DescribeTargetGroupAttributes(context.Context, *elb.DescribeTargetGroupAttributesInput, ...func(*elb.Options)) (*elb.DescribeTargetGroupAttributesOutput, error)

	CreateListener(context.Context, *elb.CreateListenerInput, ...func(*elb.Options)) (*elb.CreateListenerOutput, error)
	CreateLoadBalancer(context.Context, *elb.CreateLoadBalancerInput, ...func(*elb.Options)) (*elb.CreateLoadBalancerOutput, error)
	CreateTargetGroup(context.Context, *elb.CreateTargetGroupInput, ...func(*elb.Options)) (*elb.CreateTargetGroupOutput, error)
	DeleteListener(context.Context, *elb.DeleteListenerInput, ...func(*elb.Options)) (*elb.DeleteListenerOutput, error)
	DeleteLoadBalancer(context.Context, *elb.DeleteLoadBalancerInput, ...func(*elb.Options)) (*elb.DeleteLoadBalancerOutput, error)
	DeleteTargetGroup(context.Context, *elb.DeleteTargetGroupInput, ...func(*elb.Options)) (*elb.DeleteTargetGroupOutput, error)
	ModifyListener(context.Context, *elb.ModifyListenerInput, ...func(*elb.Options)) (*elb.ModifyListenerOutput, error)
	ModifyTargetGroup(context.Context, *elb.ModifyTargetGroupInput, ...func(*elb.Options)) (*elb.ModifyTargetGroupOutput, error)
	ModifyTargetGroupAttributes(context.Context, *elb.ModifyTargetGroupAttributesInput, ...func(*elb.Options)) (*elb.ModifyTargetGroupAttributesOutput, error)
	SetSecurityGroups(context.Context, *elb.SetSecurityGroupsInput, ...func(*elb.Options)) (*elb.SetSecurityGroupsOutput, error)
	SetSubnets(context.Context, *elb.SetSubnetsInput, ...func(*elb.Options)) (*elb.SetSubnetsOutput, error)
}

// Route53 is the part of the Route 53 API that this package calls. *route53.Client implements it.
type Route53 interface {
	route53.ListHostedZonesAPIClient
	route53.ListResourceRecordSetsAPIClient
	GetHostedZone(context.Context, *route53.GetHostedZoneInput, ...func(*route53.Options)) (*route53.GetHostedZoneOutput, error)
	ListHostedZonesByName(context.Context, *route53.ListHostedZonesByNameInput, ...func(*route53.Options)) (*route53.ListHostedZonesByNameOutput, error)
	ListTagsForResource(context.Context, *route53.ListTagsForResourceInput, ...func(*route53.Options)) (*route53.ListTagsForResourceOutput, error)

	ChangeResourceRecordSets(context.Context, *route53.ChangeResourceRecordSetsInput, ...func(*route53.Options)) (*route53.ChangeResourceRecordSetsOutput, error)
	ChangeTagsForResource(context.Context, *route53.ChangeTagsForResourceInput, ...func(*route53.Options)) (*route53.ChangeTagsForResourceOutput, error)
	CreateHostedZone(context.Context, *route53.CreateHostedZoneInput, ...func(*route53.Options)) (*route53.CreateHostedZoneOutput, error)
	DeleteHostedZone(context.Context, *route53.DeleteHostedZoneInput, ...func(*route53.Options)) (*route53.DeleteHostedZoneOutput, error)
}

var (
	_ EC2     = (*ec2.Client)(nil)
	_ ELB     = (*elb.Client)(nil)
	_ Route53 = (*route53.Client)(nil)
)

// AWS holds the clients of one account in one region for every API that this package calls.
type AWS struct {
	EC2
	ELB
	Route53
}

// NewAWS returns the clients for the account and region of config. It makes no call.
func NewAWS(config aws.Config) AWS {
	return AWS{EC2: ec2.NewFromConfig(config), ELB: elb.NewFromConfig(config), Route53: route53.NewFromConfig(config)}
}

// account is embedded by every resource of this package: the clients of its account and region, and its owner.
type account struct {
	AWS
	owner session.Owner
}

// loadBalancingTags returns the owner tags of one resource as Elastic Load Balancing expects them.
func (a account) loadBalancingTags(name, token string) []elbtypes.Tag {
	var tags []elbtypes.Tag
	for _, tag := range a.owner.Tags(name, token) {
		tags = append(tags, elbtypes.Tag{Key: aws.String(tag.Key), Value: aws.String(tag.Value)})
	}
	return tags
}

// zoneTags returns the owner tags of one resource as Route 53 expects them.
func (a account) zoneTags(name, token string) []dnstypes.Tag {
	var tags []dnstypes.Tag
	for _, tag := range a.owner.Tags(name, token) {
		tags = append(tags, dnstypes.Tag{Key: aws.String(tag.Key), Value: aws.String(tag.Value)})
	}
	return tags
}
