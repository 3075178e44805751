package aws_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

func TestPagesCoverEverythingOnce(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, _ *awssim.Simulation, c *ec2.Client) {
		vpc := createVPC(t, c, "orchid")
		for i := range 12 {
			_, err := c.CreateSubnet(t.Context(), &ec2.CreateSubnetInput{VpcId: vpc, CidrBlock: aws.String(fmt.Sprintf("10.0.%d.0/24", i))})
			require.NoError(t, err)
		}
		seen, pages := map[string]bool{}, 0
		for p := ec2.NewDescribeSubnetsPaginator(c, &ec2.DescribeSubnetsInput{MaxResults: aws.Int32(5)}); p.HasMorePages(); pages++ {
			out, err := p.NextPage(t.Context())
			require.NoError(t, err)
			for _, s := range out.Subnets {
				require.False(t, seen[*s.SubnetId])
				seen[*s.SubnetId] = true
			}
		}
		require.Len(t, seen, 12)
		require.Equal(t, 3, pages)
		_, err := c.DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{MaxResults: aws.Int32(4)})
		refused(t, "InvalidParameterValue", err)
	})
}

func TestTagsAreLimitedAndFiltered(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, _ *awssim.Simulation, c *ec2.Client) {
		vpc := createVPC(t, c, "orchid")
		tag := func(key, value string) error {
			_, err := c.CreateTags(t.Context(), &ec2.CreateTagsInput{Resources: []string{*vpc}, Tags: []types.Tag{{Key: aws.String(key), Value: aws.String(value)}}})
			return err
		}
		require.NoError(t, tag("owner", "bees"))
		refused(t, "InvalidParameterValue", tag("aws:owner", "bees"))
		refused(t, "InvalidParameterValue", tag(strings.Repeat("k", 129), ""))
		refused(t, "InvalidParameterValue", tag("k", strings.Repeat("v", 257)))
		for i := range 48 {
			require.NoError(t, tag(fmt.Sprint(i), ""))
		}
		refused(t, "TagLimitExceeded", tag("one-too-many", ""))

		for name, filter := range map[string]types.Filter{
			"by key and value": {Name: aws.String("tag:owner"), Values: []string{"wasps", "bees"}},
			"by key":           {Name: aws.String("tag-key"), Values: []string{"owner"}},
			"by pattern":       {Name: aws.String("tag:Name"), Values: []string{"or?h*"}},
		} {
			out, err := c.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{Filters: []types.Filter{filter}})
			require.NoError(t, err)
			require.Len(t, out.Vpcs, 1, name)
		}
		described, err := c.DescribeTags(t.Context(), &ec2.DescribeTagsInput{Filters: []types.Filter{
			{Name: aws.String("resource-id"), Values: []string{*vpc}}, {Name: aws.String("key"), Values: []string{"owner"}},
		}})
		require.NoError(t, err)
		require.Len(t, described.Tags, 1)
		require.Equal(t, types.ResourceTypeVpc, described.Tags[0].ResourceType)

		_, err = c.DeleteTags(t.Context(), &ec2.DeleteTagsInput{Resources: []string{*vpc}, Tags: []types.Tag{{Key: aws.String("owner")}}})
		require.NoError(t, err)
		out, err := c.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{Filters: []types.Filter{{Name: aws.String("tag-key"), Values: []string{"owner"}}}})
		require.NoError(t, err)
		require.Empty(t, out.Vpcs)
	})
}

func TestSubnetsRefuseInvalidRanges(t *testing.T) {
	for name, test := range map[string]struct {
		in   ec2.CreateSubnetInput
		code string
	}{
		"outside of the VPC":           {ec2.CreateSubnetInput{CidrBlock: aws.String("10.1.0.0/24")}, "InvalidSubnet.Range"},
		"too small":                    {ec2.CreateSubnetInput{CidrBlock: aws.String("10.0.1.0/29")}, "InvalidSubnet.Range"},
		"over another subnet":          {ec2.CreateSubnetInput{CidrBlock: aws.String("10.0.0.128/25")}, "InvalidSubnet.Conflict"},
		"not a block":                  {ec2.CreateSubnetInput{CidrBlock: aws.String("10.0.0.0")}, "InvalidParameterValue"},
		"in a zone of no region":       {ec2.CreateSubnetInput{CidrBlock: aws.String("10.0.1.0/24"), AvailabilityZone: aws.String("eu-central-1z")}, "InvalidParameterValue"},
		"with tags of something else":  {ec2.CreateSubnetInput{CidrBlock: aws.String("10.0.1.0/24"), TagSpecifications: tags(types.ResourceTypeVpc, "x")}, "InvalidParameterValue"},
		"in a VPC with a malformed id": {ec2.CreateSubnetInput{CidrBlock: aws.String("10.0.1.0/24"), VpcId: aws.String("orchid")}, "InvalidVpcId.Malformed"},
		"in a VPC that does not exist": {ec2.CreateSubnetInput{CidrBlock: aws.String("10.0.1.0/24"), VpcId: aws.String("vpc-12345678")}, "InvalidVpcID.NotFound"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, awssim.Options{}, func(t *testing.T, _ *awssim.Simulation, c *ec2.Client) {
				vpc := createVPC(t, c, "orchid")
				_, err := c.CreateSubnet(t.Context(), &ec2.CreateSubnetInput{VpcId: vpc, CidrBlock: aws.String("10.0.0.0/24")})
				require.NoError(t, err)
				if test.in.VpcId == nil {
					test.in.VpcId = vpc
				}
				_, err = c.CreateSubnet(t.Context(), &test.in)
				refused(t, test.code, err)
			})
		})
	}
}

func TestSecurityGroupRulesAreAddedAndRevoked(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, _ *awssim.Simulation, c *ec2.Client) {
		n := build(t, c)
		ingress := func(permissions ...types.IpPermission) error {
			_, err := c.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: n.peer, IpPermissions: permissions})
			return err
		}
		https := types.IpPermission{IpProtocol: aws.String("6"), FromPort: aws.Int32(443), ToPort: aws.Int32(443), IpRanges: []types.IpRange{{CidrIp: aws.String("0.0.0.0/0"), Description: aws.String("all")}}}
		require.NoError(t, ingress(https))
		refused(t, "InvalidPermission.Duplicate", ingress(https))

		var many []types.IpRange
		for i := range 60 {
			many = append(many, types.IpRange{CidrIp: aws.String(fmt.Sprintf("10.0.%d.0/24", i))})
		}
		refused(t, "RulesPerSecurityGroupLimitExceeded", ingress(types.IpPermission{IpProtocol: aws.String("-1"), IpRanges: many}))
		require.NoError(t, ingress(types.IpPermission{IpProtocol: aws.String("-1"), IpRanges: many[1:]}))

		rules, err := c.DescribeSecurityGroupRules(t.Context(), &ec2.DescribeSecurityGroupRulesInput{Filters: []types.Filter{{Name: aws.String("group-id"), Values: []string{*n.peer}}}})
		require.NoError(t, err)
		require.Len(t, rules.SecurityGroupRules, 61, "60 in and one out")
		groups, err := c.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{GroupIds: []string{*n.peer}})
		require.NoError(t, err)
		require.Len(t, groups.SecurityGroups[0].IpPermissions, 2, "one for each protocol and port")

		revoke := &ec2.RevokeSecurityGroupIngressInput{GroupId: n.peer, IpPermissions: groups.SecurityGroups[0].IpPermissions}
		_, err = c.RevokeSecurityGroupIngress(t.Context(), revoke)
		require.NoError(t, err)
		_, err = c.RevokeSecurityGroupIngress(t.Context(), revoke)
		refused(t, "InvalidPermission.NotFound", err)

		_, err = c.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{VpcId: n.vpc, GroupName: aws.String("lb"), Description: aws.String("again")})
		refused(t, "InvalidGroup.Duplicate", err)
		_, err = c.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{VpcId: n.vpc, GroupName: aws.String("default"), Description: aws.String("again")})
		refused(t, "InvalidParameterValue", err)
		own, err := c.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{Filters: []types.Filter{{Name: aws.String("group-name"), Values: []string{"default"}}}})
		require.NoError(t, err)
		_, err = c.DeleteSecurityGroup(t.Context(), &ec2.DeleteSecurityGroupInput{GroupId: own.SecurityGroups[0].GroupId})
		refused(t, "CannotDelete", err)
	})
}

func TestEveryRegionHasThreeZones(t *testing.T) {
	for region, ids := range map[string][]string{
		"eu-central-1":   {"euc1-az1", "euc1-az2", "euc1-az3"},
		"ap-southeast-2": {"apse2-az1", "apse2-az2", "apse2-az3"},
	} {
		bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, _ *ec2.Client) {
			out, err := ec2.NewFromConfig(w.Config(account, region)).DescribeAvailabilityZones(t.Context(), &ec2.DescribeAvailabilityZonesInput{})
			require.NoError(t, err)
			var got []string
			for _, z := range out.AvailabilityZones {
				got = append(got, *z.ZoneId)
			}
			require.Equal(t, ids, got)
		})
	}
}
