package scan

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/session"
)

// Tagged are the resources of EC2 that carry a tag of the cluster, are absent from the
// ledgers of Skep, and can outlive the VPC. Each stands here once.
type Tagged struct {
	Volumes []types.Volume
	// ElasticIPs are allocation ids.
	ElasticIPs []string
	// Others are resources of all other types, such as snapshots, each with its first tag.
	Others []types.TagDescription
}

// typesInVPC are the resource types that live in a VPC, so that AWS deletes the VPC after
// them. AWS shows the tags of some for an hour after their deletion.
var typesInVPC = []types.ResourceType{
	types.ResourceTypeVpc, types.ResourceTypeSubnet, types.ResourceTypeRouteTable, types.ResourceTypeInternetGateway, types.ResourceTypeNatgateway,
	types.ResourceTypeInstance, types.ResourceTypeNetworkInterface, types.ResourceTypeSecurityGroup, types.ResourceTypeSecurityGroupRule,
	types.ResourceTypeNetworkAcl, types.ResourceTypeVpcEndpoint, types.ResourceTypeVpcPeeringConnection,
}

// tagged lists the tags of the cluster in EC2, and reads the volumes among the tagged resources.
func (s *Scanner) tagged(ctx context.Context) (found Tagged, err error) {
	var volumes []string
	seen := make(map[string]bool)
	err = pages(ctx, ec2.NewDescribeTagsPaginator(s.EC2, &ec2.DescribeTagsInput{Filters: s.Cluster.TagFilters()}), func(out *ec2.DescribeTagsOutput) {
		for _, tag := range out.Tags {
			id := aws.ToString(tag.ResourceId)
			if seen[id] || s.accountsTag(tag) || slices.Contains(typesInVPC, tag.ResourceType) {
				continue
			}
			seen[id] = true
			switch tag.ResourceType {
			case types.ResourceTypeVolume:
				volumes = append(volumes, id)
			case types.ResourceTypeElasticIp:
				found.ElasticIPs = append(found.ElasticIPs, id)
			default:
				found.Others = append(found.Others, tag)
			}
		}
	})
	if err != nil {
		return Tagged{}, wrap("list tags", err)
	}
	found.Volumes, err = s.volumes(ctx, volumes)
	return found, err
}

// accountsTag is Accounts for a resource of which only one tag is known.
func (s *Scanner) accountsTag(t types.TagDescription) bool {
	return s.Known(aws.ToString(t.ResourceId)) || s.InUse && strings.HasPrefix(aws.ToString(t.Key), session.TagPrefix)
}

func (s *Scanner) volumes(ctx context.Context, ids []string) (found []types.Volume, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	// A filter, since a read by id fails when one of the volumes is already deleted.
	in := &ec2.DescribeVolumesInput{Filters: []types.Filter{{Name: aws.String("volume-id"), Values: ids}}}
	err = pages(ctx, ec2.NewDescribeVolumesPaginator(s.EC2, in), func(out *ec2.DescribeVolumesOutput) { found = append(found, out.Volumes...) })
	return found, wrap("list volumes", err)
}
