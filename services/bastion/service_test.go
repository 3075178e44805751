package bastion_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/require"

	bastionv1 "github.com/skep-dev/skep/proto/gen/go/skep/bastion/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/service"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/sim/suite"
	"github.com/skep-dev/skep/services/bastion"
)

const (
	region       = "eu-central-1"
	organization = "organizations/demo"
	name         = organization + "/bastions/orchid"
	network      = organization + "/networks/orchid"
)

var (
	alone = suite.Options{DirectCredentials: true, Services: map[string]service.Constructor{bastion.Name: bastion.New}}
	zones = []string{region + "a", region + "b"}
)

func desired(hosts int32) *bastionv1.Bastion {
	return &bastionv1.Bastion{Name: name, Spec: &bastionv1.BastionSpec{
		Account: organization + "/accounts/main", Region: region, Network: network, Hosts: hosts,
	}}
}

// fixtureNetwork creates the resources and the record that the network service would provide.
func fixtureNetwork(ctx context.Context, t *testing.T, s *suite.Suite) {
	t.Helper()
	api := ec2.NewFromConfig(s.AWS.Config(suite.Account, region))
	vpc, err := api.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	require.NoError(t, err)
	group, err := api.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{
		VpcId: vpc.Vpc.VpcId, GroupName: aws.String("bastion"), Description: aws.String("The bastions"),
	})
	require.NoError(t, err)
	status := &networkv1.NetworkStatus{SecurityGroups: &networkv1.SecurityGroups{Bastion: aws.ToString(group.GroupId)}}
	for i, cidr := range []string{"10.0.64.0/18", "10.0.128.0/18"} {
		subnet, err := api.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: vpc.Vpc.VpcId, CidrBlock: aws.String(cidr), AvailabilityZone: aws.String(zones[i])})
		require.NoError(t, err)
		status.Zones = append(status.Zones, &networkv1.Zone{Name: zones[i]})
		status.Subnets = append(status.Subnets, &networkv1.Subnet{Id: aws.ToString(subnet.Subnet.SubnetId), Zone: zones[i], Tier: networkv1.Subnet_PRIVATE})
	}
	record := new(recordv1.Record)
	require.NoError(t, object.Pack(record, &networkv1.Network{Name: network, Uid: "netuid2345", Status: status}))
	bucket, err := store.Open(ctx, s.NATS("network"), "network", store.Options{})
	require.NoError(t, err)
	running, stop := context.WithCancel(ctx)
	var stopped sync.WaitGroup
	stopped.Go(func() { _ = bucket.Run(running) })
	defer stopped.Wait()
	defer stop()
	_, err = bucket.Put(ctx, "networks/demo/orchid", record, 0)
	require.NoError(t, err)
}

func TestHostsAreCreatedOnceTheirNetworkExistsAndAreDeleted(t *testing.T) {
	suite.Run(t, alone, func(t *testing.T, s *suite.Suite) {
		ctx := suite.Context(t)
		client := bastionv1.NewBastionServiceClient(s.Client(bastion.Name))
		_, err := client.ApplyBastion(ctx, &bastionv1.ApplyBastionRequest{Bastion: desired(2)})
		require.NoError(t, err)
		fixtureNetwork(ctx, t, s)

		stream, err := client.WatchBastions(ctx, &bastionv1.WatchBastionsRequest{Parent: organization})
		require.NoError(t, err)
		ready := suite.Await(t, stream.Recv, func(m *bastionv1.WatchBastionsResponse) bool {
			return m.GetBastion().GetStatus().GetState() == typev1.State_READY
		}).GetBastion()
		require.NotEmpty(t, ready.GetStatus().GetImageId())
		require.Len(t, ready.GetStatus().GetHosts(), 2)
		for i, host := range ready.GetStatus().GetHosts() {
			require.Equal(t, zones[i], host.GetZone())
			require.NotEmpty(t, host.GetInstanceId())
			require.NotEmpty(t, host.GetPrivateAddress())
		}
		mutations := len(s.AWS.Mutations())
		time.Sleep(time.Hour)
		require.Len(t, s.AWS.Mutations(), mutations, "a ready bastion was changed")

		_, err = client.DeleteBastion(ctx, &bastionv1.DeleteBastionRequest{Name: name})
		require.NoError(t, err)
		suite.Await(t, stream.Recv, func(m *bastionv1.WatchBastionsResponse) bool { return m.GetDeleted() })
		require.NotContains(t, s.AWS.String(), " Instance ")
		require.NotContains(t, s.AWS.String(), " Volume ")
	})
}

func TestMoreHostsThanZonesFailBeforeAndAfterZonesAreKnown(t *testing.T) {
	suite.Run(t, alone, func(t *testing.T, s *suite.Suite) {
		ctx := suite.Context(t)
		client := bastionv1.NewBastionServiceClient(s.Client(bastion.Name))
		_, err := client.ApplyBastion(ctx, &bastionv1.ApplyBastionRequest{Bastion: desired(3)})
		require.NoError(t, err, "the number of zones is not known yet")
		fixtureNetwork(ctx, t, s)
		stream, err := client.WatchBastions(ctx, &bastionv1.WatchBastionsRequest{Parent: organization})
		require.NoError(t, err)
		failed := suite.Await(t, stream.Recv, func(m *bastionv1.WatchBastionsResponse) bool {
			return m.GetBastion().GetStatus().GetState() == typev1.State_FAILED
		}).GetBastion()
		require.Contains(t, failed.GetStatus().GetConditions()[0].GetMessage(), "more than the 2 zones")

		changed := desired(4)
		changed.Spec.InstanceType, changed.Spec.ImageId, changed.Spec.Network = "m6i.large", "ami-12345678", network+"2"
		_, err = client.ApplyBastion(ctx, &bastionv1.ApplyBastionRequest{Bastion: changed})
		require.ElementsMatch(t, []string{"spec.network", "spec.instanceType", "spec.imageId"}, paths(err))
		_, err = client.ApplyBastion(ctx, &bastionv1.ApplyBastionRequest{Bastion: desired(4)})
		require.Equal(t, []string{"spec.hosts"}, paths(err))
		_, err = client.ApplyBastion(ctx, &bastionv1.ApplyBastionRequest{Bastion: desired(1)})
		require.NoError(t, err)
		suite.Await(t, stream.Recv, func(m *bastionv1.WatchBastionsResponse) bool {
			return m.GetBastion().GetStatus().GetState() == typev1.State_READY
		})
	})
}

// paths returns the paths of the fields that a fault names.
func paths(err error) []string {
	var named []string
	for _, field := range fault.Of(err).Fields {
		named = append(named, field.Path)
	}
	return named
}

func TestPlanOfABastionNeedsOnlyAssumedZones(t *testing.T) {
	suite.Run(t, alone, func(t *testing.T, s *suite.Suite) {
		ctx := suite.Context(t)
		client := bastionv1.NewBastionServiceClient(s.Client(bastion.Name))
		_, err := client.PlanBastion(ctx, &bastionv1.PlanBastionRequest{Bastion: desired(2)})
		require.Error(t, err)
		planned, err := client.PlanBastion(ctx, &bastionv1.PlanBastionRequest{Bastion: desired(2), AssumeZones: zones})
		require.NoError(t, err)
		require.Len(t, planned.GetActions(), 2)
		require.Empty(t, s.AWS.Calls())
	})
}
