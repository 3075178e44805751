package aws_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	taggingtypes "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	route53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/stretchr/testify/require"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

// listed returns the ARNs of one page of GetResources.
func listed(t *testing.T, c *tagging.Client, in *tagging.GetResourcesInput) []string {
	t.Helper()
	out, err := c.GetResources(t.Context(), in)
	require.NoError(t, err)
	var arns []string
	for _, resource := range out.ResourceTagMappingList {
		require.NotEmpty(t, resource.Tags)
		arns = append(arns, *resource.ResourceARN)
	}
	return arns
}

func named(name string) []taggingtypes.TagFilter {
	return []taggingtypes.TagFilter{{Key: aws.String("Name"), Values: []string{name}}}
}

func TestTheTaggingAPIListsByTypeAndTagInPages(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
		api := tagging.NewFromConfig(w.Config(account, region))
		vpc := createVPC(t, c, "orchid")
		var groups []string
		for i := range 7 {
			out, err := c.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{
				VpcId: vpc, GroupName: aws.String(fmt.Sprint("g", i)), Description: aws.String("a test"), TagSpecifications: tags(types.ResourceTypeSecurityGroup, "orchid"),
			})
			require.NoError(t, err)
			groups = append(groups, "arn:aws:ec2:"+region+":"+account+":security-group/"+*out.GroupId)
		}
		vpcARN := "arn:aws:ec2:" + region + ":" + account + ":vpc/" + *vpc
		for name, test := range map[string]struct {
			in   tagging.GetResourcesInput
			want []string
		}{
			"a type":            {tagging.GetResourcesInput{ResourceTypeFilters: []string{"ec2:vpc"}}, []string{vpcARN}},
			"a whole service":   {tagging.GetResourcesInput{ResourceTypeFilters: []string{"ec2"}}, append([]string{vpcARN}, groups...)},
			"what is untagged":  {tagging.GetResourcesInput{ResourceTypeFilters: []string{"ec2:route-table"}}, nil},
			"a tag":             {tagging.GetResourcesInput{TagFilters: named("orchid")}, append([]string{vpcARN}, groups...)},
			"another value":     {tagging.GetResourcesInput{TagFilters: named("lily")}, nil},
			"a key of no value": {tagging.GetResourcesInput{TagFilters: []taggingtypes.TagFilter{{Key: aws.String("Name")}}}, append([]string{vpcARN}, groups...)},
		} {
			require.ElementsMatch(t, test.want, listed(t, api, &test.in), name)
		}

		var all []string
		pages := 0
		for p := tagging.NewGetResourcesPaginator(api, &tagging.GetResourcesInput{ResourcesPerPage: aws.Int32(4)}); p.HasMorePages(); pages++ {
			page, err := p.NextPage(t.Context())
			require.NoError(t, err)
			for _, resource := range page.ResourceTagMappingList {
				all = append(all, *resource.ResourceARN)
			}
		}
		require.Equal(t, 2, pages)
		require.ElementsMatch(t, append([]string{vpcARN}, groups...), all)
		_, err := api.GetResources(t.Context(), &tagging.GetResourcesInput{ResourcesPerPage: aws.Int32(101)})
		refused(t, "InvalidParameterException", err)
		_, err = api.GetResources(t.Context(), &tagging.GetResourcesInput{PaginationToken: aws.String("nonsense")})
		refused(t, "PaginationTokenExpiredException", err)
		require.Empty(t, listed(t, tagging.NewFromConfig(w.Config(account, "eu-west-1")), &tagging.GetResourcesInput{}), "another region")
		require.Empty(t, listed(t, tagging.NewFromConfig(w.Config("444455556666", region)), &tagging.GetResourcesInput{}), "another account")
	})
}

func TestTheTaggingAPIListsZonesInOneRegionAndNoRoles(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, _ *ec2.Client) {
		zones := route53.NewFromConfig(w.Config(account, region))
		zone, err := zones.CreateHostedZone(t.Context(), &route53.CreateHostedZoneInput{Name: aws.String("orchid.example.test"), CallerReference: aws.String("one")})
		require.NoError(t, err)
		_, err = zones.ChangeTagsForResource(t.Context(), &route53.ChangeTagsForResourceInput{
			ResourceType: route53types.TagResourceTypeHostedzone, ResourceId: aws.String((*zone.HostedZone.Id)[len("/hostedzone/"):]),
			AddTags: []route53types.Tag{{Key: aws.String("Name"), Value: aws.String("orchid")}},
		})
		require.NoError(t, err)
		_, err = iam.NewFromConfig(w.Config(account, region)).CreateRole(t.Context(), &iam.CreateRoleInput{
			RoleName: aws.String("orchid"), Tags: []iamtypes.Tag{{Key: aws.String("Name"), Value: aws.String("orchid")}},
			AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`),
		})
		require.NoError(t, err)
		for _, test := range []struct {
			region string
			want   []string
		}{{region, nil}, {"us-east-1", []string{"arn:aws:route53:::hostedzone/" + (*zone.HostedZone.Id)[len("/hostedzone/"):]}}} {
			api := tagging.NewFromConfig(w.Config(account, test.region))
			require.Equal(t, test.want, listed(t, api, &tagging.GetResourcesInput{TagFilters: named("orchid")}), test.region)
		}
	})
}

func TestTheTaggingAPILagsBehindCreatesAndDeletes(t *testing.T) {
	bubble(t, awssim.Options{TagLag: time.Minute, TagRetention: time.Hour}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
		api := tagging.NewFromConfig(w.Config(account, region))
		count := func() int { return len(listed(t, api, &tagging.GetResourcesInput{TagFilters: named("orchid")})) }
		vpc := createVPC(t, c, "orchid")
		require.Zero(t, count(), "it does not show at once")
		time.Sleep(time.Minute)
		require.Equal(t, 1, count())
		_, err := c.DeleteVpc(t.Context(), &ec2.DeleteVpcInput{VpcId: vpc})
		require.NoError(t, err)
		time.Sleep(59 * time.Minute)
		require.Equal(t, 1, count(), "it is listed although it is no more")
		time.Sleep(time.Minute)
		require.Zero(t, count())
	})
}

func TestTheTaggingAPIAllowsFifteenCallsPerSecond(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, _ *ec2.Client) {
		api := tagging.NewFromConfig(w.Config(account, region))
		codes := make(chan error, 16)
		for range cap(codes) {
			go func() {
				_, err := api.GetResources(t.Context(), &tagging.GetResourcesInput{}, func(o *tagging.Options) { o.RetryMaxAttempts = 1 })
				codes <- err
			}()
		}
		var failed []error
		for range cap(codes) {
			failed = append(failed, <-codes)
		}
		failed = slices.DeleteFunc(failed, func(err error) bool { return err == nil })
		require.Len(t, failed, 1)
		refused(t, "ThrottledException", failed[0])
	})
}
