package leftover

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
)

// balancer is a load balancer of either generation.
type balancer struct {
	sort     Sort
	id, name string
	// path is how the description of its network interfaces ends.
	path            string
	since           time.Time
	groups, subnets []string
	tags            tags
	price           Price
}

func (b balancer) has(i ec2types.NetworkInterface) bool {
	return aws.ToString(i.Description) == "ELB "+b.path
}

// tagsAtOnce is how many load balancers or target groups DescribeTags takes.
const tagsAtOnce = 20

// balancers are the load balancers of both generations in the VPC. Neither API
// can be asked for a VPC.
func (f *Finder) balancers(ctx context.Context) ([]balancer, error) {
	var first, second []balancer
	err := together(
		func() (err error) { first, err = f.classicBalancers(ctx); return err },
		func() (err error) { second, err = f.modernBalancers(ctx); return err },
	)
	return append(first, second...), err
}

func (f *Finder) modernBalancers(ctx context.Context) (found []balancer, err error) {
	err = pages(ctx, elb.NewDescribeLoadBalancersPaginator(f.ELB, &elb.DescribeLoadBalancersInput{}), func(out *elb.DescribeLoadBalancersOutput) {
		for _, b := range out.LoadBalancers {
			if aws.ToString(b.VpcId) != f.VPC {
				continue
			}
			one := balancer{
				sort: LoadBalancer, id: aws.ToString(b.LoadBalancerArn), name: aws.ToString(b.LoadBalancerName), since: aws.ToTime(b.CreatedTime),
				groups: b.SecurityGroups, price: hourly(networkBalancerHour, 1),
			}
			_, one.path, _ = strings.Cut(one.id, ":loadbalancer/")
			for _, zone := range b.AvailabilityZones {
				one.subnets = append(one.subnets, aws.ToString(zone.SubnetId))
			}
			found = append(found, one)
		}
	})
	if err != nil {
		return nil, wrap("list load balancers", err)
	}
	ids := make([]string, len(found))
	for i, b := range found {
		ids[i] = b.id
	}
	marked, err := f.tagsOf(ctx, ids)
	for i := range found {
		found[i].tags = marked[found[i].id]
	}
	return found, err
}

// tagsOf are the tags of load balancers and target groups, by ARN.
func (f *Finder) tagsOf(ctx context.Context, arns []string) (map[string]tags, error) {
	found := make(map[string]tags, len(arns))
	for some := range slices.Chunk(arns, tagsAtOnce) {
		out, err := f.ELB.DescribeTags(ctx, &elb.DescribeTagsInput{ResourceArns: some})
		if err != nil {
			return nil, wrap("read tags of load balancers", err)
		}
		for _, description := range out.TagDescriptions {
			t := make(tags, len(description.Tags))
			for _, tag := range description.Tags {
				t[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
			}
			found[aws.ToString(description.ResourceArn)] = t
		}
	}
	return found, nil
}

func (f *Finder) classicBalancers(ctx context.Context) (found []balancer, err error) {
	err = pages(ctx, classic.NewDescribeLoadBalancersPaginator(f.Classic, &classic.DescribeLoadBalancersInput{}), func(out *classic.DescribeLoadBalancersOutput) {
		for _, b := range out.LoadBalancerDescriptions {
			if aws.ToString(b.VPCId) == f.VPC {
				name := aws.ToString(b.LoadBalancerName)
				found = append(found, balancer{
					sort: ClassicLoadBalancer, id: name, name: name, path: name, since: aws.ToTime(b.CreatedTime),
					groups: b.SecurityGroups, subnets: b.Subnets, price: hourly(classicBalancerHour, 1),
				})
			}
		}
	})
	if err != nil {
		return nil, wrap("list classic load balancers", err)
	}
	for some := range slices.Chunk(found, tagsAtOnce) {
		names := make([]string, len(some))
		for i, b := range some {
			names[i] = b.id
		}
		out, err := f.Classic.DescribeTags(ctx, &classic.DescribeTagsInput{LoadBalancerNames: names})
		if err != nil {
			return nil, wrap("read tags of classic load balancers", err)
		}
		for _, description := range out.TagDescriptions {
			i := slices.Index(names, aws.ToString(description.LoadBalancerName))
			some[i].tags = make(tags, len(description.Tags))
			for _, tag := range description.Tags {
				some[i].tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
			}
		}
	}
	return found, nil
}

// judgeBalancers judges the load balancers. They stand on their network
// interfaces, which AWS removes after them, and on their target groups.
func (s *scenery) judgeBalancers() []Thing {
	var things []Thing
	for _, b := range s.balancers {
		if s.known(b.id, b.tags) {
			continue
		}
		thing := Thing{
			Sort: b.sort, ID: b.id, Name: b.name, Fate: s.fate(b.tags), Creator: s.creator(b.tags), Since: b.since,
			On: append(slices.Clone(b.subnets), b.groups...), Price: b.price,
		}
		for _, i := range s.interfaces {
			if b.has(i) {
				thing.On = append(thing.On, aws.ToString(i.NetworkInterfaceId))
				if i.Association != nil {
					thing.On = append(thing.On, Door)
				}
			}
		}
		for _, group := range s.groups {
			if slices.Contains(group.LoadBalancerArns, b.id) {
				thing.On = append(thing.On, aws.ToString(group.TargetGroupArn))
			}
		}
		things = append(things, thing)
	}
	return things
}

// judgeTargetGroups judges the target groups of the VPC. They do not keep it
// from going, but must not be forgotten.
func (s *scenery) judgeTargetGroups() []Thing {
	var things []Thing
	for _, group := range s.groups {
		arn := aws.ToString(group.TargetGroupArn)
		t := s.marked[arn]
		if s.known(arn, t) {
			continue
		}
		things = append(things, targetGroup(s.Finder, group, t))
	}
	return things
}

func targetGroup(f *Finder, group elbtypes.TargetGroup, t tags) Thing {
	return Thing{
		Sort: TargetGroup, ID: aws.ToString(group.TargetGroupArn), Name: aws.ToString(group.TargetGroupName),
		Fate: f.fate(t), Creator: f.creator(t), Price: Price{Known: true},
	}
}
