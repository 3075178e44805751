package removal

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	classic "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"github.com/skep-dev/skep/libs/aws/errorclass"
)

func observeLoadBalancer(ctx context.Context, api AWS, arn string) (presence, error) {
	out, err := api.ELB.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{LoadBalancerArns: []string{arn}})
	if err != nil {
		return absent, errorclass.IgnoreNotFound(err)
	}
	return listed(out.LoadBalancers), nil
}

func deleteLoadBalancer(ctx context.Context, l *Leftover) error {
	_, err := l.aws.ELB.DeleteLoadBalancer(ctx, &elb.DeleteLoadBalancerInput{LoadBalancerArn: aws.String(l.ID())})
	return err
}

func observeClassicLoadBalancer(ctx context.Context, api AWS, name string) (presence, error) {
	out, err := api.Classic.DescribeLoadBalancers(ctx, &classic.DescribeLoadBalancersInput{LoadBalancerNames: []string{name}})
	if err != nil {
		return absent, errorclass.IgnoreNotFound(err)
	}
	return listed(out.LoadBalancerDescriptions), nil
}

func deleteClassicLoadBalancer(ctx context.Context, l *Leftover) error {
	_, err := l.aws.Classic.DeleteLoadBalancer(ctx, &classic.DeleteLoadBalancerInput{LoadBalancerName: aws.String(l.ID())})
	return err
}

func observeTargetGroup(ctx context.Context, api AWS, arn string) (presence, error) {
	out, err := api.ELB.DescribeTargetGroups(ctx, &elb.DescribeTargetGroupsInput{TargetGroupArns: []string{arn}})
	if err != nil {
		return absent, errorclass.IgnoreNotFound(err)
	}
	return listed(out.TargetGroups), nil
}

func deleteTargetGroup(ctx context.Context, l *Leftover) error {
	_, err := l.aws.ELB.DeleteTargetGroup(ctx, &elb.DeleteTargetGroupInput{TargetGroupArn: aws.String(l.ID())})
	return err
}
