package aws_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

// site is a VPC with an internet gateway and a private subnet in each zone.
type site struct {
	vpc, gateway *string
	subnets      []string
}

func buildSite(t *testing.T, c *ec2.Client) site {
	t.Helper()
	s := site{vpc: createVPC(t, c, "orchid")}
	gateway, err := c.CreateInternetGateway(t.Context(), &ec2.CreateInternetGatewayInput{TagSpecifications: tags(types.ResourceTypeInternetGateway, "exit")})
	require.NoError(t, err)
	s.gateway = gateway.InternetGateway.InternetGatewayId
	_, err = c.AttachInternetGateway(t.Context(), &ec2.AttachInternetGatewayInput{InternetGatewayId: s.gateway, VpcId: s.vpc})
	require.NoError(t, err)
	for i, zone := range []string{"a", "b", "c"} {
		subnet, err := c.CreateSubnet(t.Context(), &ec2.CreateSubnetInput{
			VpcId: s.vpc, CidrBlock: aws.String([]string{"10.0.64.0/24", "10.0.65.0/24", "10.0.66.0/24"}[i]), AvailabilityZone: aws.String(region + zone),
			TagSpecifications: tags(types.ResourceTypeSubnet, "private-"+zone),
		})
		require.NoError(t, err)
		s.subnets = append(s.subnets, *subnet.Subnet.SubnetId)
	}
	return s
}

func (s site) tearDown(t *testing.T, c *ec2.Client) {
	t.Helper()
	for _, id := range s.subnets {
		_, err := c.DeleteSubnet(t.Context(), &ec2.DeleteSubnetInput{SubnetId: aws.String(id)})
		require.NoError(t, err)
	}
	_, err := c.DetachInternetGateway(t.Context(), &ec2.DetachInternetGatewayInput{InternetGatewayId: s.gateway, VpcId: s.vpc})
	require.NoError(t, err)
	_, err = c.DeleteInternetGateway(t.Context(), &ec2.DeleteInternetGatewayInput{InternetGatewayId: s.gateway})
	require.NoError(t, err)
	_, err = c.DeleteVpc(t.Context(), &ec2.DeleteVpcInput{VpcId: s.vpc})
	require.NoError(t, err)
}

// imageFor returns the newest image of an architecture.
func imageFor(t *testing.T, c *ec2.Client, architecture string) *string {
	t.Helper()
	out, err := c.DescribeImages(t.Context(), &ec2.DescribeImagesInput{Owners: []string{"075585003325"}, Filters: []types.Filter{
		{Name: aws.String("name"), Values: []string{"Flatcar-stable-4230.2.3-hvm"}},
		{Name: aws.String("architecture"), Values: []string{architecture}},
		{Name: aws.String("state"), Values: []string{"available"}},
	}})
	require.NoError(t, err)
	require.Len(t, out.Images, 1)
	return out.Images[0].ImageId
}

// order returns a request for one instance that AWS accepts.
func order(t *testing.T, c *ec2.Client, s site, token string) *ec2.RunInstancesInput {
	return &ec2.RunInstancesInput{
		ImageId: imageFor(t, c, "x86_64"), InstanceType: types.InstanceTypeM5Large, MinCount: aws.Int32(1), MaxCount: aws.Int32(1),
		SubnetId: aws.String(s.subnets[0]), ClientToken: aws.String(token), TagSpecifications: tags(types.ResourceTypeInstance, "master-0"),
		UserData:        aws.String(base64.StdEncoding.EncodeToString([]byte("join orchid"))),
		MetadataOptions: &types.InstanceMetadataOptionsRequest{HttpTokens: types.HttpTokensStateRequired, HttpPutResponseHopLimit: aws.Int32(2)},
	}
}

func instanceOf(t *testing.T, c *ec2.Client, id *string) types.Instance {
	t.Helper()
	out, err := c.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{InstanceIds: []string{*id}})
	require.NoError(t, err)
	require.Len(t, out.Reservations, 1)
	return out.Reservations[0].Instances[0]
}

func terminate(t *testing.T, c *ec2.Client, id *string) {
	t.Helper()
	_, err := c.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: []string{*id}})
	require.NoError(t, err)
}

func TestAnInstanceRunsBootsAndStaysVisibleForAnHour(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
		s := buildSite(t, c)
		out, err := c.RunInstances(t.Context(), order(t, c, s, "one"))
		require.NoError(t, err)
		id := out.Instances[0].InstanceId
		require.Equal(t, types.InstanceStateNamePending, out.Instances[0].State.Name)

		time.Sleep(awssim.Latency("Instance/running"))
		running := instanceOf(t, c, id)
		require.Equal(t, types.InstanceStateNameRunning, running.State.Name)
		require.Equal(t, "10.0.64.4", *running.PrivateIpAddress)
		require.Equal(t, types.HttpTokensStateRequired, running.MetadataOptions.HttpTokens)
		require.Len(t, running.BlockDeviceMappings, 1)
		require.Empty(t, w.Nodes(account, region))
		_, err = c.DeleteSubnet(t.Context(), &ec2.DeleteSubnetInput{SubnetId: aws.String(s.subnets[0])})
		refused(t, "DependencyViolation", err)

		time.Sleep(awssim.Latency("Instance/booted"))
		nodes := w.Nodes(account, region)
		require.Len(t, nodes, 1)
		require.Equal(t, "join orchid", nodes[0].UserData)
		status, err := c.DescribeInstanceStatus(t.Context(), &ec2.DescribeInstanceStatusInput{InstanceIds: []string{*id}})
		require.NoError(t, err)
		require.Equal(t, types.SummaryStatusOk, status.InstanceStatuses[0].InstanceStatus.Status)

		terminate(t, c, id)
		require.Equal(t, types.InstanceStateNameShuttingDown, instanceOf(t, c, id).State.Name)
		require.Empty(t, w.Nodes(account, region))
		time.Sleep(awssim.Latency("Instance/deleted"))
		require.Equal(t, types.InstanceStateNameTerminated, instanceOf(t, c, id).State.Name)
		s.tearDown(t, c)
		require.Empty(t, w.String())
		time.Sleep(time.Hour)
		_, err = c.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{InstanceIds: []string{*id}})
		refused(t, "InvalidInstanceID.NotFound", err)
	})
}

func TestATokenLaunchesOneInstanceEvenAfterItsEnd(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, _ *awssim.Simulation, c *ec2.Client) {
		s := buildSite(t, c)
		in := order(t, c, s, "one")
		first, err := c.RunInstances(t.Context(), in)
		require.NoError(t, err)
		again, err := c.RunInstances(t.Context(), in)
		require.NoError(t, err)
		require.Equal(t, first.Instances[0].InstanceId, again.Instances[0].InstanceId)

		other := *in
		other.InstanceType = types.InstanceTypeM5Xlarge
		_, err = c.RunInstances(t.Context(), &other)
		refused(t, "IdempotentParameterMismatch", err)

		terminate(t, c, first.Instances[0].InstanceId)
		_, err = c.RunInstances(t.Context(), in)
		refused(t, "IdempotentInstanceTerminated", err)
	})
}

func TestInterfacesAndVolumesMayOutliveTheirInstance(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
		s := buildSite(t, c)
		eni, err := c.CreateNetworkInterface(t.Context(), &ec2.CreateNetworkInterfaceInput{SubnetId: aws.String(s.subnets[0]), Description: aws.String("etcd-0")})
		require.NoError(t, err)
		disk, err := c.CreateVolume(t.Context(), &ec2.CreateVolumeInput{
			AvailabilityZone: aws.String(region + "a"), Size: aws.Int32(100), VolumeType: types.VolumeTypeGp3, Encrypted: aws.Bool(true),
			Iops: aws.Int32(4000), Throughput: aws.Int32(250), TagSpecifications: tags(types.ResourceTypeVolume, "etcd-0"),
		})
		require.NoError(t, err)
		in := order(t, c, s, "one")
		in.SubnetId = nil
		in.NetworkInterfaces = []types.InstanceNetworkInterfaceSpecification{{DeviceIndex: aws.Int32(0), NetworkInterfaceId: eni.NetworkInterface.NetworkInterfaceId}}
		out, err := c.RunInstances(t.Context(), in)
		require.NoError(t, err)
		id := out.Instances[0].InstanceId

		attach := &ec2.AttachVolumeInput{VolumeId: disk.VolumeId, InstanceId: id, Device: aws.String("/dev/xvdc")}
		_, err = c.AttachVolume(t.Context(), attach)
		refused(t, "IncorrectState", err)
		time.Sleep(awssim.Latency("Instance/running"))
		_, err = c.AttachVolume(t.Context(), attach)
		require.NoError(t, err)
		_, err = c.AttachVolume(t.Context(), attach)
		refused(t, "VolumeInUse", err)
		_, err = c.DeleteVolume(t.Context(), &ec2.DeleteVolumeInput{VolumeId: disk.VolumeId})
		refused(t, "VolumeInUse", err)
		second := order(t, c, s, "two")
		second.SubnetId, second.NetworkInterfaces = nil, in.NetworkInterfaces
		_, err = c.RunInstances(t.Context(), second)
		refused(t, "InvalidNetworkInterface.InUse", err)

		terminate(t, c, id)
		_, err = c.DeleteNetworkInterface(t.Context(), &ec2.DeleteNetworkInterfaceInput{NetworkInterfaceId: eni.NetworkInterface.NetworkInterfaceId})
		refused(t, "InvalidParameterValue", err)
		time.Sleep(awssim.Latency("Instance/deleted"))
		free, err := c.DescribeNetworkInterfaces(t.Context(), &ec2.DescribeNetworkInterfacesInput{})
		require.NoError(t, err)
		require.Len(t, free.NetworkInterfaces, 1)
		require.Equal(t, types.NetworkInterfaceStatusAvailable, free.NetworkInterfaces[0].Status)
		disks, err := c.DescribeVolumes(t.Context(), &ec2.DescribeVolumesInput{Filters: []types.Filter{{Name: aws.String("status"), Values: []string{"available"}}}})
		require.NoError(t, err)
		require.Len(t, disks.Volumes, 1)
		require.Empty(t, disks.Volumes[0].Attachments)

		replacement, err := c.RunInstances(t.Context(), second)
		require.NoError(t, err)
		time.Sleep(awssim.Latency("Instance/running"))
		attach.InstanceId = replacement.Instances[0].InstanceId
		_, err = c.AttachVolume(t.Context(), attach)
		require.NoError(t, err)
		detached, err := c.DetachVolume(t.Context(), &ec2.DetachVolumeInput{VolumeId: disk.VolumeId})
		require.NoError(t, err)
		require.Equal(t, types.VolumeAttachmentStateDetaching, detached.State)
		time.Sleep(awssim.Latency("Volume/detached"))
		_, err = c.DetachVolume(t.Context(), &ec2.DetachVolumeInput{VolumeId: disk.VolumeId})
		refused(t, "IncorrectState", err)

		terminate(t, c, attach.InstanceId)
		time.Sleep(awssim.Latency("Instance/deleted"))
		_, err = c.DeleteVolume(t.Context(), &ec2.DeleteVolumeInput{VolumeId: disk.VolumeId})
		require.NoError(t, err)
		_, err = c.DeleteNetworkInterface(t.Context(), &ec2.DeleteNetworkInterfaceInput{NetworkInterfaceId: eni.NetworkInterface.NetworkInterfaceId})
		require.NoError(t, err)
		s.tearDown(t, c)
		require.Empty(t, w.String())
	})
}

func TestRunInstancesRefusesInvalidLaunches(t *testing.T) {
	bubble(t, awssim.Options{Quotas: map[string]int{"VCPUsPerRegion": 64}}, func(t *testing.T, w *awssim.Simulation, c *ec2.Client) {
		s := buildSite(t, c)
		require.NoError(t, w.SetCapacity(region+"a", "c5.large", 0))
		for _, test := range []struct {
			name, code string
			change     func(*ec2.RunInstancesInput)
		}{
			{"image that does not exist", "InvalidAMIID.NotFound", func(in *ec2.RunInstancesInput) { in.ImageId = aws.String("ami-00000000000000000") }},
			{"image id that cannot be one", "InvalidAMIID.Malformed", func(in *ec2.RunInstancesInput) { in.ImageId = aws.String("flatcar") }},
			{"type that does not exist", "InvalidParameterValue", func(in *ec2.RunInstancesInput) { in.InstanceType = "m5.huge" }},
			{"type of another architecture", "InvalidParameterValue", func(in *ec2.RunInstancesInput) { in.InstanceType = types.InstanceTypeM6gLarge }},
			{"user data over 16 KiB", "InvalidParameterValue", func(in *ec2.RunInstancesInput) {
				in.UserData = aws.String(base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", 16<<10+1))))
			}},
			{"user data that is not base64", "InvalidUserData.Malformed", func(in *ec2.RunInstancesInput) { in.UserData = aws.String("#!/bin/sh") }},
			{"profile that does not exist", "InvalidParameterValue", func(in *ec2.RunInstancesInput) {
				in.IamInstanceProfile = &types.IamInstanceProfileSpecification{Name: aws.String("nobody")}
			}},
			{"no subnet", "VPCIdNotSpecified", func(in *ec2.RunInstancesInput) { in.SubnetId = nil }},
			{"more vCPUs than the quota", "VcpuLimitExceeded", func(in *ec2.RunInstancesInput) { in.InstanceType = types.InstanceTypeM524xlarge }},
			{"no capacity", "InsufficientInstanceCapacity", func(in *ec2.RunInstancesInput) { in.InstanceType = types.InstanceTypeC5Large }},
			{"root disk smaller than the image", "InvalidBlockDeviceMapping", func(in *ec2.RunInstancesInput) {
				in.BlockDeviceMappings = []types.BlockDeviceMapping{{DeviceName: aws.String("/dev/xvda"), Ebs: &types.EbsBlockDevice{VolumeSize: aws.Int32(4)}}}
			}},
			{"zone of another subnet", "InvalidParameterValue", func(in *ec2.RunInstancesInput) {
				in.Placement = &types.Placement{AvailabilityZone: aws.String(region + "b")}
			}},
			{"fewer at most than at least", "InvalidParameterCombination", func(in *ec2.RunInstancesInput) { in.MinCount = aws.Int32(2) }},
			{"template that does not exist", "InvalidLaunchTemplateName.NotFoundException", func(in *ec2.RunInstancesInput) {
				in.LaunchTemplate = &types.LaunchTemplateSpecification{LaunchTemplateName: aws.String("nothing")}
			}},
			{"tags on what is not made", "InvalidParameterValue", func(in *ec2.RunInstancesInput) {
				in.TagSpecifications = tags(types.ResourceTypeVpc, "orchid")
			}},
		} {
			in := order(t, c, s, test.name)
			test.change(in)
			_, err := c.RunInstances(t.Context(), in)
			t.Log(test.name)
			refused(t, test.code, err)
		}
		s.tearDown(t, c)
		require.Empty(t, w.String(), "a refused launch leaves nothing")
	})
}

func TestAProtectedInstanceCannotBeTerminated(t *testing.T) {
	bubble(t, awssim.Options{}, func(t *testing.T, _ *awssim.Simulation, c *ec2.Client) {
		s := buildSite(t, c)
		in := order(t, c, s, "one")
		in.DisableApiTermination = aws.Bool(true)
		out, err := c.RunInstances(t.Context(), in)
		require.NoError(t, err)
		id := out.Instances[0].InstanceId
		_, err = c.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: []string{*id}})
		refused(t, "OperationNotPermitted", err)
		_, err = c.ModifyInstanceAttribute(t.Context(), &ec2.ModifyInstanceAttributeInput{InstanceId: id, DisableApiTermination: &types.AttributeBooleanValue{Value: aws.Bool(false)}})
		require.NoError(t, err)
		terminate(t, c, id)
	})
}
