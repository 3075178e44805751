package scan

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	classic "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/skep-dev/skep/services/network/internal/leftover/ownership"
)

// LoadBalancer is a classic, network or application load balancer.
type LoadBalancer struct {
	// ID is the ARN, or the name of a classic load balancer.
	ID, Name        string
	Classic         bool
	CreateTime      time.Time
	Groups, Subnets []string
	Tags            ownership.Tags

	// path is the end of the description of its network interfaces.
	path string
}

// Has reports whether a network interface belongs to the load balancer. AWS names the load
// balancer nowhere but in the description.
func (b LoadBalancer) Has(i ec2types.NetworkInterface) bool {
	return aws.ToString(i.Description) == "ELB "+b.path
}

// TargetGroup is a target group of the VPC.
type TargetGroup struct {
	elbtypes.TargetGroup
	Tags ownership.Tags
}

// describeTagsLimit is the number of load balancers or target groups that one DescribeTags takes.
const describeTagsLimit = 20

// loadBalancers lists the load balancers of the VPC. The APIs have no filter for a VPC, so
// it reads all load balancers of the account.
func (s *Scanner) loadBalancers(ctx context.Context) ([]LoadBalancer, error) {
	var classics, others []LoadBalancer
	err := parallel(
		func() (err error) { classics, err = s.classicLoadBalancers(ctx); return err },
		func() (err error) { others, err = s.networkAndApplicationLoadBalancers(ctx); return err },
	)
	return append(classics, others...), err
}

func (s *Scanner) networkAndApplicationLoadBalancers(ctx context.Context) (found []LoadBalancer, err error) {
	var arns []string
	err = pages(ctx, elb.NewDescribeLoadBalancersPaginator(s.ELB, &elb.DescribeLoadBalancersInput{}), func(out *elb.DescribeLoadBalancersOutput) {
		for _, b := range out.LoadBalancers {
			if aws.ToString(b.VpcId) != s.VPC {
				continue
			}
			one := LoadBalancer{
				ID: aws.ToString(b.LoadBalancerArn), Name: aws.ToString(b.LoadBalancerName), CreateTime: aws.ToTime(b.CreatedTime), Groups: b.SecurityGroups,
			}
			_, one.path, _ = strings.Cut(one.ID, ":loadbalancer/")
			for _, zone := range b.AvailabilityZones {
				one.Subnets = append(one.Subnets, aws.ToString(zone.SubnetId))
			}
			found, arns = append(found, one), append(arns, one.ID)
		}
	})
	if err != nil {
		return nil, wrap("list load balancers", err)
	}
	tags, err := s.tagsByARN(ctx, arns)
	for i := range found {
		found[i].Tags = tags[found[i].ID]
	}
	return found, err
}

// tagsByARN reads the tags of load balancers and target groups.
func (s *Scanner) tagsByARN(ctx context.Context, arns []string) (map[string]ownership.Tags, error) {
	found := make(map[string]ownership.Tags, len(arns))
	for batch := range slices.Chunk(arns, describeTagsLimit) {
		out, err := s.ELB.DescribeTags(ctx, &elb.DescribeTagsInput{ResourceArns: batch})
		if err != nil {
			return nil, wrap("read tags of load balancers", err)
		}
		for _, description := range out.TagDescriptions {
			tags := make(ownership.Tags, len(description.Tags))
			for _, tag := range description.Tags {
				tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
			}
			found[aws.ToString(description.ResourceArn)] = tags
		}
	}
	return found, nil
}

// targetGroups lists the target groups of the VPC. They do not block its deletion and have no network
// interface that shows them.
func (s *Scanner) targetGroups(ctx context.Context) (found []TargetGroup, err error) {
	var arns []string
	err = pages(ctx, elb.NewDescribeTargetGroupsPaginator(s.ELB, &elb.DescribeTargetGroupsInput{}), func(out *elb.DescribeTargetGroupsOutput) {
		for _, group := range out.TargetGroups {
			if aws.ToString(group.VpcId) == s.VPC {
				found, arns = append(found, TargetGroup{TargetGroup: group}), append(arns, aws.ToString(group.TargetGroupArn))
			}
		}
	})
	if err != nil {
		return nil, wrap("list target groups", err)
	}
	tags, err := s.tagsByARN(ctx, arns)
	for i := range found {
		found[i].Tags = tags[arns[i]]
	}
	return found, err
}

func (s *Scanner) classicLoadBalancers(ctx context.Context) (found []LoadBalancer, err error) {
	err = pages(ctx, classic.NewDescribeLoadBalancersPaginator(s.Classic, &classic.DescribeLoadBalancersInput{}), func(out *classic.DescribeLoadBalancersOutput) {
		for _, b := range out.LoadBalancerDescriptions {
			if aws.ToString(b.VPCId) == s.VPC {
				name := aws.ToString(b.LoadBalancerName)
				found = append(found, LoadBalancer{
					ID: name, Name: name, Classic: true, CreateTime: aws.ToTime(b.CreatedTime), Groups: b.SecurityGroups, Subnets: b.Subnets, path: name,
				})
			}
		}
	})
	if err != nil {
		return nil, wrap("list classic load balancers", err)
	}
	for batch := range slices.Chunk(found, describeTagsLimit) {
		names := make([]string, len(batch))
		for i, b := range batch {
			names[i] = b.ID
		}
		out, err := s.Classic.DescribeTags(ctx, &classic.DescribeTagsInput{LoadBalancerNames: names})
		if err != nil {
			return nil, wrap("read tags of classic load balancers", err)
		}
		for _, description := range out.TagDescriptions {
			i := slices.Index(names, aws.ToString(description.LoadBalancerName))
			batch[i].Tags = make(ownership.Tags, len(description.Tags))
			for _, tag := range description.Tags {
				batch[i].Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
			}
		}
	}
	return found, nil
}
