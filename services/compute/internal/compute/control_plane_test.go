package compute_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/engine/graph"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/libs/sim/graphtest"
	"github.com/skep-dev/skep/services/compute/internal/compute"
)

// runningControlPlane is a control plane in its own simulated AWS.
type runningControlPlane struct {
	aws    compute.AWS
	ec2    *ec2.Client
	spec   compute.ControlPlaneSpec
	ledger *graph.Memory
}

// withControlPlane runs a test on a ready control plane.
func withControlPlane(t *testing.T, replicas int, test func(t *testing.T, c *runningControlPlane)) {
	t.Helper()
	graphtest.Play(t, func(t *testing.T, _ *awssim.Simulation, config aws.Config) {
		c := &runningControlPlane{aws: compute.Open(config), ec2: ec2.NewFromConfig(config), ledger: graph.NewMemory("test")}
		c.spec = newFixtures(t.Context(), t, config).controlPlane(replicas)
		time.Sleep(2 * awssim.Latency("InstanceProfile/usable"))
		c.settle(t)
		test(t, c)
	})
}

// settle repeats a resync until the control plane is settled.
func (c *runningControlPlane) settle(t *testing.T) {
	t.Helper()
	for range 100 {
		report := compute.ControlPlaneResources(c.spec, c.aws, owner).Ensure(t.Context(), graph.Walk{
			Ledger: c.ledger, Resync: true, Factories: compute.Factories(c.aws, owner),
		})
		require.NoError(t, report.Err())
		if report.Settled() {
			return
		}
		time.Sleep(max(report.RequeueAfter(), time.Second))
	}
	require.Fail(t, "the control plane does not settle")
}

// machines returns the running instances by zone.
func (c *runningControlPlane) machines(t *testing.T) map[string]types.Instance {
	t.Helper()
	out, err := c.ec2.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{Filters: []types.Filter{
		{Name: aws.String("instance-state-name"), Values: []string{"running"}},
	}})
	require.NoError(t, err)
	machines := make(map[string]types.Instance)
	for _, reservation := range out.Reservations {
		for _, instance := range reservation.Instances {
			machines[aws.ToString(instance.Placement.AvailabilityZone)] = instance
		}
	}
	return machines
}

// volumes returns all volumes by the value of their tag Name.
func (c *runningControlPlane) volumes(t *testing.T) map[string]types.Volume {
	t.Helper()
	out, err := c.ec2.DescribeVolumes(t.Context(), &ec2.DescribeVolumesInput{})
	require.NoError(t, err)
	volumes := make(map[string]types.Volume)
	for _, volume := range out.Volumes {
		for _, tag := range volume.Tags {
			if aws.ToString(tag.Key) == "Name" {
				volumes[aws.ToString(tag.Value)] = volume
			}
		}
	}
	return volumes
}

func TestATerminatedMemberReturnsWithItsAddressAndData(t *testing.T) {
	withControlPlane(t, 3, func(t *testing.T, c *runningControlPlane) {
		zone := c.spec.Network.Zones[1]
		before, disk := c.machines(t), c.volumes(t)["orchid/etcd-volume/"+zone]
		require.Len(t, before, 3)
		_, err := c.ec2.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: []string{aws.ToString(before[zone].InstanceId)}})
		require.NoError(t, err)
		time.Sleep(graph.ConsistencyWindow)
		c.settle(t)

		after, found := c.machines(t), c.volumes(t)["orchid/etcd-volume/"+zone]
		require.Len(t, after, 3)
		require.NotEqual(t, before[zone].InstanceId, after[zone].InstanceId)
		require.Equal(t, before[zone].PrivateIpAddress, after[zone].PrivateIpAddress)
		require.Equal(t, disk.VolumeId, found.VolumeId)
		require.Equal(t, after[zone].InstanceId, found.Attachments[0].InstanceId)
		for _, other := range []string{c.spec.Network.Zones[0], c.spec.Network.Zones[2]} {
			require.Equal(t, before[other].InstanceId, after[other].InstanceId, "another member was replaced")
		}
	})
}

func TestScalingAControlPlaneKeepsItsFirstMember(t *testing.T) {
	withControlPlane(t, 1, func(t *testing.T, c *runningControlPlane) {
		first := c.machines(t)[c.spec.Network.Zones[0]].InstanceId
		c.spec.Replicas = 3
		c.settle(t)
		require.Len(t, c.machines(t), 3)
		c.spec.Replicas = 1
		c.settle(t)
		remaining := c.machines(t)
		require.Len(t, remaining, 1)
		require.Equal(t, first, remaining[c.spec.Network.Zones[0]].InstanceId)
		require.Len(t, c.volumes(t), 2, "volumes of removed members remain")
	})
}

func TestMembersArePrivateAndTheirVolumesEncrypted(t *testing.T) {
	withControlPlane(t, 1, func(t *testing.T, c *runningControlPlane) {
		machine := c.machines(t)[c.spec.Network.Zones[0]]
		require.Nil(t, machine.PublicIpAddress)
		require.Nil(t, machine.KeyName)
		require.Equal(t, types.HttpTokensStateRequired, machine.MetadataOptions.HttpTokens)
		require.EqualValues(t, 2, aws.ToInt32(machine.MetadataOptions.HttpPutResponseHopLimit))
		require.Len(t, machine.SecurityGroups, 2)
		volumes := c.volumes(t)
		require.Len(t, volumes, 2)
		for name, volume := range volumes {
			require.True(t, aws.ToBool(volume.Encrypted), name)
			require.Equal(t, types.VolumeTypeGp3, volume.VolumeType, name)
		}
	})
}

func TestEtcdVolumesAreCreatedWithoutANetwork(t *testing.T) {
	graphtest.Play(t, func(t *testing.T, _ *awssim.Simulation, config aws.Config) {
		spec := compute.ControlPlaneSpec{
			Replicas: 1, InstanceType: "m6i.large", EtcdVolumeGiB: 50,
			Network: compute.Network{From: "the network", Zones: []string{graphtest.Region + "a"}},
		}
		report := compute.ControlPlaneResources(spec, compute.Open(config), owner).Ensure(t.Context(), graph.Walk{Ledger: graph.NewMemory("test")})
		require.NoError(t, report.Err())
		outcomes := make(map[string]graph.Outcome)
		for _, step := range report {
			outcomes[graph.TypeOf(step.Name)] = step.Outcome
		}
		require.Equal(t, map[string]graph.Outcome{
			"dependency": graph.Waiting, "network-interface": graph.Blocked, "etcd-volume": graph.Waiting,
			"instance": graph.Blocked, "volume-attachment": graph.Blocked, "target": graph.Blocked,
		}, outcomes)
		out, err := ec2.NewFromConfig(config).DescribeVolumes(t.Context(), &ec2.DescribeVolumesInput{})
		require.NoError(t, err)
		require.Len(t, out.Volumes, 1)
	})
}
