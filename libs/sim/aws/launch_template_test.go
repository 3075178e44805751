package aws_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

func TestALaunchTemplateHasVersionsAndAUniqueName(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
		s := buildSite(t, c)
		create := &ec2.CreateLaunchTemplateInput{
			LaunchTemplateName: aws.String("workers"), ClientToken: aws.String("one"),
			LaunchTemplateData: &types.RequestLaunchTemplateData{ImageId: imageFor(t, c, "x86_64"), InstanceType: types.InstanceTypeM5Large},
		}
		template, err := c.CreateLaunchTemplate(t.Context(), create)
		require.NoError(t, err)
		again, err := c.CreateLaunchTemplate(t.Context(), create)
		require.NoError(t, err)
		require.Equal(t, template.LaunchTemplate.LaunchTemplateId, again.LaunchTemplate.LaunchTemplateId)
		create.ClientToken = aws.String("two")
		_, err = c.CreateLaunchTemplate(t.Context(), create)
		refused(t, "InvalidLaunchTemplateName.AlreadyExistsException", err)

		id := template.LaunchTemplate.LaunchTemplateId
		version, err := c.CreateLaunchTemplateVersion(t.Context(), &ec2.CreateLaunchTemplateVersionInput{
			LaunchTemplateId: id, SourceVersion: aws.String("1"), LaunchTemplateData: &types.RequestLaunchTemplateData{InstanceType: types.InstanceTypeM5Xlarge},
		})
		require.NoError(t, err)
		require.Equal(t, int64(2), *version.LaunchTemplateVersion.VersionNumber)
		require.Equal(t, create.LaunchTemplateData.ImageId, version.LaunchTemplateVersion.LaunchTemplateData.ImageId)
		_, err = c.ModifyLaunchTemplate(t.Context(), &ec2.ModifyLaunchTemplateInput{LaunchTemplateId: id, DefaultVersion: aws.String("3")})
		refused(t, "InvalidLaunchTemplateId.VersionNotFound", err)
		_, err = c.ModifyLaunchTemplate(t.Context(), &ec2.ModifyLaunchTemplateInput{LaunchTemplateId: id, DefaultVersion: aws.String("2")})
		require.NoError(t, err)

		out, err := c.RunInstances(t.Context(), &ec2.RunInstancesInput{
			LaunchTemplate: &types.LaunchTemplateSpecification{LaunchTemplateId: id}, SubnetId: aws.String(s.subnets[1]),
			MinCount: aws.Int32(1), MaxCount: aws.Int32(2),
		})
		require.NoError(t, err)
		require.Len(t, out.Instances, 2)
		require.Equal(t, types.InstanceTypeM5Xlarge, out.Instances[0].InstanceType)
		for _, i := range out.Instances {
			terminate(t, c, i.InstanceId)
		}
		_, err = c.DeleteLaunchTemplate(t.Context(), &ec2.DeleteLaunchTemplateInput{LaunchTemplateId: id})
		require.NoError(t, err)
		time.Sleep(awssim.Latency("Instance/deleted"))
		s.tearDown(t, c)
		require.Empty(t, w.String())
	})
}

func TestImagesAreFoundByNameAndDeprecatedInTime(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, _ *awssim.Simulation, c *ec2.Client) {
		count := func(in *ec2.DescribeImagesInput) int {
			in.Filters = []types.Filter{{Name: aws.String("name"), Values: []string{"Flatcar-stable-*-hvm"}}, {Name: aws.String("architecture"), Values: []string{"arm64"}}}
			out, err := c.DescribeImages(t.Context(), in)
			require.NoError(t, err)
			return len(out.Images)
		}
		all := count(&ec2.DescribeImagesInput{})
		require.Greater(t, all, 3)
		require.Zero(t, count(&ec2.DescribeImagesInput{Owners: []string{"123456789012"}}))
		time.Sleep(time.Until(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)))
		require.Equal(t, all-1, count(&ec2.DescribeImagesInput{}))
		require.Equal(t, all, count(&ec2.DescribeImagesInput{IncludeDeprecated: aws.Bool(true)}))
	})
}

func TestInstanceTypesAreOfferedInEveryZone(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, _ *awssim.Simulation, c *ec2.Client) {
		out, err := c.DescribeInstanceTypeOfferings(t.Context(), &ec2.DescribeInstanceTypeOfferingsInput{
			LocationType: types.LocationTypeAvailabilityZone, Filters: []types.Filter{{Name: aws.String("instance-type"), Values: []string{"m5.large"}}},
		})
		require.NoError(t, err)
		require.Len(t, out.InstanceTypeOfferings, 3)
	})
}

func TestAVolumeRefusesSizesThatConflict(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
		for code, in := range map[string]*ec2.CreateVolumeInput{
			"InvalidParameterValue":       {Size: aws.Int32(4), VolumeType: types.VolumeTypeGp3, Iops: aws.Int32(9000)},
			"InvalidParameterCombination": {Size: aws.Int32(4), VolumeType: types.VolumeTypeGp2, Iops: aws.Int32(3000)},
			"MissingParameter":            {VolumeType: types.VolumeTypeGp3},
			"InvalidParameterDependency":  {Size: aws.Int32(4), KmsKeyId: aws.String("alias/orchid")},
		} {
			in.AvailabilityZone = aws.String(region + "a")
			_, err := c.CreateVolume(t.Context(), in)
			refused(t, code, err)
		}
		require.Empty(t, w.String())
	})
}
