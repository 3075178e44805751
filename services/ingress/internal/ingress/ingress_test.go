package ingress_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/libs/sim/graphtest"
	"github.com/skep-dev/skep/services/ingress/internal/ingress"
)

var owner = session.Owner{Installation: "test", Organization: "acme", Cluster: "orchiduid1", ClusterName: "orchid", Component: "apiEndpoints/orchid"}

// fixtureNetwork creates the resources that the network service provides: a VPC with an internet gateway, two
// public subnets and a security group.
func fixtureNetwork(ctx context.Context, t *testing.T, config aws.Config) ingress.Network {
	t.Helper()
	api := ec2.NewFromConfig(config)
	vpc, err := api.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	require.NoError(t, err)
	id := vpc.Vpc.VpcId
	err = ec2.NewVpcAvailableWaiter(api).Wait(ctx, &ec2.DescribeVpcsInput{VpcIds: []string{aws.ToString(id)}}, time.Minute)
	require.NoError(t, err)
	gateway, err := api.CreateInternetGateway(ctx, &ec2.CreateInternetGatewayInput{})
	require.NoError(t, err)
	_, err = api.AttachInternetGateway(ctx, &ec2.AttachInternetGatewayInput{InternetGatewayId: gateway.InternetGateway.InternetGatewayId, VpcId: id})
	require.NoError(t, err)
	network := ingress.Network{Name: "network orchid", VPC: aws.ToString(id)}
	for zone, cidr := range map[string]string{"eu-central-1a": "10.0.0.0/20", "eu-central-1b": "10.0.16.0/20"} {
		subnet, err := api.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: id, AvailabilityZone: aws.String(zone), CidrBlock: aws.String(cidr)})
		require.NoError(t, err)
		network.Subnets = append(network.Subnets, aws.ToString(subnet.Subnet.SubnetId))
	}
	group, err := api.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{VpcId: id, GroupName: aws.String("load-balancer"), Description: aws.String("The load balancer")})
	require.NoError(t, err)
	network.SecurityGroup = aws.ToString(group.GroupId)
	return network
}

const (
	parentName = "example.test"
	zoneName   = "orchid.k8s.example.test"
)

func fixtureParentZone(t *testing.T, w *awssim.Simulation) {
	t.Helper()
	_, err := w.PutHostedZone(graphtest.Account, parentName)
	require.NoError(t, err)
}

func TestAPIEndpointObeysTheGraphLaws(t *testing.T) {
	spec := ingress.APIEndpointSpec{Zone: zoneName, Delegated: true, Port: 443}
	graphtest.Laws(t, graphtest.Subject{
		Build: func(c aws.Config) *graph.Graph {
			return ingress.APIEndpointResources(spec, ingress.NewAWS(c), owner)
		},
		Factories: func(c aws.Config) graph.Factories { return ingress.Factories(ingress.NewAWS(c), owner) },
		Fixtures: func(ctx context.Context, t *testing.T, w *awssim.Simulation, c aws.Config) {
			fixtureParentZone(t, w)
			spec.Network = fixtureNetwork(ctx, t, c)
		},
		Golden: "api_endpoint.golden",
	})
}

func TestIngressObeysTheGraphLaws(t *testing.T) {
	spec := ingress.Spec{Zone: zoneName, Endpoint: "API endpoint orchid"}
	graphtest.Laws(t, graphtest.Subject{
		Build: func(c aws.Config) *graph.Graph {
			return ingress.Resources(spec, ingress.NewAWS(c), owner)
		},
		Factories: func(c aws.Config) graph.Factories { return ingress.Factories(ingress.NewAWS(c), owner) },
		Fixtures: func(ctx context.Context, t *testing.T, _ *awssim.Simulation, c aws.Config) {
			spec.Network = fixtureNetwork(ctx, t, c)
			spec.ZoneID = fixtureZone(ctx, t, c)
		},
		Golden: "ingress.golden",
	})
}
