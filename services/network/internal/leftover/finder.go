package leftover

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/skep-dev/skep/libs/aws/session"
)

// Finder looks for what Skep did not make, in one VPC and by the tags of one
// cluster. It changes nothing.
type Finder struct {
	AWS
	// Owner is the cluster and the installation.
	Owner session.Owner
	// VPC is the id of the VPC.
	VPC string
	// Known reports whether the network's own ledger has this id.
	Known func(id string) bool
	// Members says that other services still keep things of the cluster, so that
	// what Skep made is no leftover.
	Members bool
	// DeleteVolumes says that the volumes of the cluster's pods go with it.
	DeleteVolumes bool
}

// clues are what shows most of what may be left.
type clues struct {
	interfaces []types.NetworkInterface
	tagged     []types.TagDescription
	groups     []elbtypes.TargetGroup
	marked     map[string]tags // the tags of these, by ARN
}

// Glance reports whether leftovers of the cluster are in the way of the VPC. It
// makes one call: almost everything that can be has a network interface. Of the rest,
// such as a security group that nothing uses, and of what somebody made by hand AWS
// will tell, if that is in the way; what is in nobody's way Prove finds.
func (f *Finder) Glance(ctx context.Context) (bool, error) {
	interfaces, err := f.listInterfaces(ctx)
	return slices.ContainsFunc(interfaces, f.suspicious), err
}

func (f *Finder) clues(ctx context.Context) (*clues, error) {
	c := new(clues)
	err := together(
		func() (err error) { c.interfaces, err = f.listInterfaces(ctx); return err },
		func() (err error) { c.tagged, err = f.listTags(ctx); return err },
		func() (err error) { c.groups, c.marked, err = f.listTargetGroups(ctx); return err },
	)
	return c, err
}

// suspicious reports whether a network interface may be that of a leftover.
func (f *Finder) suspicious(i types.NetworkInterface) bool {
	if f.Known(aws.ToString(i.NetworkInterfaceId)) || isNAT(i) {
		return false
	}
	t := ec2Tags(i.TagSet)
	if f.Members && f.member(t) {
		return false
	}
	return aws.ToBool(i.RequesterManaged) || f.owned(t) || i.Attachment != nil && i.Attachment.InstanceId != nil
}

// inside are the resource types that live in a VPC, so that it cannot go before
// them. Of some AWS shows the tags for an hour after their end.
var inside = []types.ResourceType{
	types.ResourceTypeVpc, types.ResourceTypeSubnet, types.ResourceTypeRouteTable, types.ResourceTypeInternetGateway, types.ResourceTypeNatgateway,
	types.ResourceTypeInstance, types.ResourceTypeNetworkInterface, types.ResourceTypeSecurityGroup, types.ResourceTypeSecurityGroupRule,
	types.ResourceTypeNetworkAcl, types.ResourceTypeVpcEndpoint, types.ResourceTypeVpcPeeringConnection,
}

// stray reports whether a tag is on something that is not known here. Machines
// and gateways show by their network interfaces.
func (f *Finder) stray(t types.TagDescription) bool {
	if f.Known(aws.ToString(t.ResourceId)) || f.Members && strings.HasPrefix(aws.ToString(t.Key), session.TagPrefix) {
		return false
	}
	return t.ResourceType == types.ResourceTypeSecurityGroup || t.ResourceType == types.ResourceTypeNetworkInterface ||
		!slices.Contains(inside, t.ResourceType)
}

// listInterfaces finds the network interfaces in the VPC. Almost everything that can
// be in the way of a VPC has one.
func (f *Finder) listInterfaces(ctx context.Context) (found []types.NetworkInterface, err error) {
	err = pages(ctx, ec2.NewDescribeNetworkInterfacesPaginator(f.EC2, &ec2.DescribeNetworkInterfacesInput{Filters: f.inVPC("vpc-id")}),
		func(out *ec2.DescribeNetworkInterfacesOutput) { found = append(found, out.NetworkInterfaces...) })
	return found, wrap("list network interfaces", err)
}

// listTags finds the tags of the cluster on whatever EC2 has, each with its thing.
func (f *Finder) listTags(ctx context.Context) (found []types.TagDescription, err error) {
	in := &ec2.DescribeTagsInput{Filters: []types.Filter{
		{Name: aws.String("key"), Values: []string{session.TagCluster, f.Owner.KubernetesTag("").Key, tagLegacyCluster, tagLoadBalancing, tagPodInterfaces}},
		{Name: aws.String("value"), Values: []string{f.Owner.Cluster, "owned"}},
	}}
	err = pages(ctx, ec2.NewDescribeTagsPaginator(f.EC2, in), func(out *ec2.DescribeTagsOutput) { found = append(found, out.Tags...) })
	return found, wrap("list tags", err)
}

// listTargetGroups finds those of the VPC, and their tags. They do not keep it from
// going, and have no network interface to be found by.
func (f *Finder) listTargetGroups(ctx context.Context) (found []elbtypes.TargetGroup, marked map[string]tags, err error) {
	var arns []string
	err = pages(ctx, elb.NewDescribeTargetGroupsPaginator(f.ELB, &elb.DescribeTargetGroupsInput{}), func(out *elb.DescribeTargetGroupsOutput) {
		for _, group := range out.TargetGroups {
			if aws.ToString(group.VpcId) == f.VPC {
				found, arns = append(found, group), append(arns, aws.ToString(group.TargetGroupArn))
			}
		}
	})
	if err != nil {
		return nil, nil, wrap("list target groups", err)
	}
	marked, err = f.tagsOf(ctx, arns)
	return found, marked, err
}

func (f *Finder) inVPC(filter string) []types.Filter {
	return []types.Filter{{Name: aws.String(filter), Values: []string{f.VPC}}}
}

func wrap(what string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
