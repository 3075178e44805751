package elb

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancing/types"

	"github.com/skep-dev/skep/libs/aws/latency"
	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
	"github.com/skep-dev/skep/libs/sim/aws/internal/vpc"
)

// ClassicLoadBalancer is a load balancer of the first generation, which the cloud controller manager creates for a
// Service of type LoadBalancer by default. Fixtures create it; CreateLoadBalancer of that version is not simulated. Its
// id is its name.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/introduction.html
type ClassicLoadBalancer struct {
	VPC                         string
	Subnets, Groups, Interfaces []string
}

// Owner implements engine.Attributes.
func (b ClassicLoadBalancer) Owner() string { return b.VPC }

// Summary implements engine.Attributes.
func (b ClassicLoadBalancer) Summary(name func(id string) string) string {
	var where []string
	for _, id := range b.Subnets {
		where = append(where, name(id))
	}
	slices.Sort(where)
	return "in " + strings.Join(where, ", ")
}

var classicLoadBalancers = engine.NewType[ClassicLoadBalancer](engine.Type{
	Service: classicServiceID, Name: "ClassicLoadBalancer", Noun: "load balancer", NotFound: "LoadBalancerNotFound",
})

func handleClassicLoadBalancer(s *engine.Service) {
	engine.Handle(s, "DeleteLoadBalancer", engine.Fields{"LoadBalancerName"}, deleteClassicLoadBalancer)
	engine.Handle(s, "DescribeLoadBalancers", engine.Fields{"LoadBalancerNames", "Marker", "PageSize"}, describeClassicLoadBalancers)
	engine.Handle(s, "DescribeTags", engine.Fields{"LoadBalancerNames"}, describeClassicTags)
}

// CreateClassic creates a load balancer with a network interface in every subnet.
func CreateClassic(c *engine.Call, name string, b ClassicLoadBalancer, tags map[string]string) error {
	for _, id := range b.Subnets {
		eni, err := vpc.NewNetworkInterface(c, &id, nil, vpc.NetworkInterface{
			Description: "ELB " + name, Type: ec2types.NetworkInterfaceTypeInterface, Groups: b.Groups, RequesterManaged: true, AttachedTo: name,
		}, map[string]string{})
		if err != nil {
			return err
		}
		eni.Data.PublicIP = vpc.NewPublicIP(c)
		vpc.NetworkInterfaces.Put(c, eni)
		b.Interfaces = append(b.Interfaces, eni.ID)
	}
	classicLoadBalancers.Create(c, name, b, tags)
	return nil
}

// deleteClassicLoadBalancer deletes a load balancer at once, and its network interfaces minutes later. It succeeds if
// the load balancer does not exist.
// https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_DeleteLoadBalancer.html
func deleteClassicLoadBalancer(c *engine.Call, in *elb.DeleteLoadBalancerInput) (*elb.DeleteLoadBalancerOutput, error) {
	r, ok := classicLoadBalancers.Find(c, aws.ToString(in.LoadBalancerName))
	if !ok {
		return &elb.DeleteLoadBalancerOutput{}, nil
	}
	for _, id := range r.Data.Interfaces {
		vpc.ReleaseInterface(c, id, c.After(latency.ClassicLoadBalancerReleased, r.ID))
	}
	classicLoadBalancers.Delete(c, r)
	return &elb.DeleteLoadBalancerOutput{}, nil
}

func describeClassicLoadBalancers(c *engine.Call, in *elb.DescribeLoadBalancersInput) (*elb.DescribeLoadBalancersOutput, error) {
	resources := classicLoadBalancers.List(c)
	if len(in.LoadBalancerNames) > 0 {
		resources = slices.DeleteFunc(resources, func(r *engine.Resource[ClassicLoadBalancer]) bool {
			return !slices.Contains(in.LoadBalancerNames, r.ID)
		})
		if len(resources) < len(in.LoadBalancerNames) {
			return nil, engine.Refuse("LoadBalancerNotFound", "There is no ACTIVE Load Balancer named '%s'", strings.Join(in.LoadBalancerNames, ", "))
		}
	}
	resources, next, err := engine.Page(resources, in.PageSize, 400, in.Marker)
	if err != nil {
		return nil, err
	}
	out := &elb.DescribeLoadBalancersOutput{NextMarker: next}
	for _, r := range resources {
		out.LoadBalancerDescriptions = append(out.LoadBalancerDescriptions, types.LoadBalancerDescription{
			LoadBalancerName: aws.String(r.ID), VPCId: aws.String(r.Data.VPC), CreatedTime: aws.Time(r.CreatedAt),
			Subnets: slices.Clone(r.Data.Subnets), SecurityGroups: slices.Clone(r.Data.Groups), Scheme: aws.String("internet-facing"),
			DNSName: aws.String(fmt.Sprintf("%s-%d.%s.elb.amazonaws.com", r.ID, r.Seq, c.Region)),
		})
	}
	return out, nil
}

// describeClassicTags accepts at most 20 names.
func describeClassicTags(c *engine.Call, in *elb.DescribeTagsInput) (*elb.DescribeTagsOutput, error) {
	if len(in.LoadBalancerNames) > 20 {
		return nil, engine.Refuse("ValidationError", "Up to 20 load balancers can be described in a single call")
	}
	out := &elb.DescribeTagsOutput{}
	for _, name := range in.LoadBalancerNames {
		r, err := classicLoadBalancers.Get(c, &name)
		if err != nil {
			return nil, err
		}
		description := types.TagDescription{LoadBalancerName: aws.String(name)}
		for _, key := range slices.Sorted(maps.Keys(r.Tags)) {
			description.Tags = append(description.Tags, types.Tag{Key: aws.String(key), Value: aws.String(r.Tags[key])})
		}
		out.TagDescriptions = append(out.TagDescriptions, description)
	}
	return out, nil
}
