package bastion_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/aws/machine"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/libs/sim/graphtest"
	"github.com/skep-dev/skep/services/bastion/internal/bastion"
)

var owner = session.Owner{Installation: "test", Organization: "acme", Cluster: "orchiduid1", ClusterName: "orchid", Component: "bastions/orchid"}

func TestBastionObeysTheGraphLaws(t *testing.T) {
	var spec bastion.Spec
	graphtest.Laws(t, graphtest.Subject{
		Fixtures: func(ctx context.Context, t *testing.T, _ *awssim.Simulation, config aws.Config) {
			spec = fixtureNetwork(ctx, t, config)
		},
		Build:     func(c aws.Config) *graph.Graph { return bastion.Resources(spec, ec2.NewFromConfig(c), owner) },
		Factories: func(c aws.Config) graph.Factories { return bastion.Factories(ec2.NewFromConfig(c), owner) },
		Golden:    "two_hosts.golden",
	})
}

// fixtureNetwork creates the resources that the network service provides, a subnet in each of two zones and the
// security group of the bastions, and returns the spec of a bastion in them.
func fixtureNetwork(ctx context.Context, t *testing.T, config aws.Config) bastion.Spec {
	t.Helper()
	api := ec2.NewFromConfig(config)
	vpc, err := api.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	require.NoError(t, err)
	group, err := api.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{
		VpcId: vpc.Vpc.VpcId, GroupName: aws.String("bastion"), Description: aws.String("The bastions"),
	})
	require.NoError(t, err)
	image, err := machine.ChooseImage(ctx, api, "", "t3.micro")
	require.NoError(t, err)
	spec := bastion.Spec{InstanceType: "t3.micro", ImageID: image, Network: bastion.Network{
		Name: "organizations/acme/networks/orchid", SecurityGroup: aws.ToString(group.GroupId), Subnets: make(map[string]string),
	}}
	for zone, cidr := range map[string]string{graphtest.Region + "a": "10.0.64.0/18", graphtest.Region + "b": "10.0.128.0/18"} {
		subnet, err := api.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: vpc.Vpc.VpcId, CidrBlock: aws.String(cidr), AvailabilityZone: aws.String(zone)})
		require.NoError(t, err)
		spec.Network.Subnets[zone] = aws.ToString(subnet.Subnet.SubnetId)
	}
	spec.Zones = []string{graphtest.Region + "a", graphtest.Region + "b"}
	return spec
}

func TestHostsHaveNoPublicAddressAndNoKeyPair(t *testing.T) {
	graphtest.Play(t, func(t *testing.T, _ *awssim.Simulation, config aws.Config) {
		spec := fixtureNetwork(t.Context(), t, config)
		report := bastion.Resources(spec, ec2.NewFromConfig(config), owner).Ensure(t.Context(), graph.Walk{Ledger: graph.NewMemory("test")})
		require.NoError(t, report.Err())
		out, err := ec2.NewFromConfig(config).DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{})
		require.NoError(t, err)
		require.Len(t, out.Reservations, 2)
		for _, reservation := range out.Reservations {
			for _, instance := range reservation.Instances {
				require.Nil(t, instance.PublicIpAddress)
				require.Nil(t, instance.KeyName)
				require.Equal(t, "required", string(instance.MetadataOptions.HttpTokens))
			}
		}
	})
}
