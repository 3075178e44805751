package compute_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/aws/machine"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/libs/sim/graphtest"
	"github.com/skep-dev/skep/services/compute/internal/compute"
)

var owner = session.Owner{Installation: "test", Organization: "acme", Cluster: "orchiduid1", ClusterName: "orchid", Component: "controlPlanes/orchid"}

const trust = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}`

// fixtures are the resources that the other services provide.
type fixtures struct {
	network     compute.Network
	image       string
	profile     string
	targetGroup string
	secondGroup string
}

func newFixtures(ctx context.Context, t *testing.T, config aws.Config) fixtures {
	t.Helper()
	api := ec2.NewFromConfig(config)
	vpc, err := api.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	require.NoError(t, err)
	f := fixtures{network: compute.Network{
		From: "organizations/acme/networks/orchid", Zones: []string{graphtest.Region + "a", graphtest.Region + "b", graphtest.Region + "c"},
		Subnets: make(map[string]string),
	}}
	for role, field := range map[string]*string{
		"control-plane": &f.network.SecurityGroups.ControlPlane, "node": &f.network.SecurityGroups.Node,
		"load-balancer": &f.network.SecurityGroups.LoadBalancer,
	} {
		group, err := api.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{VpcId: vpc.Vpc.VpcId, GroupName: aws.String(role), Description: aws.String(role)})
		require.NoError(t, err)
		*field = aws.ToString(group.GroupId)
	}
	for i, cidr := range []string{"10.0.64.0/18", "10.0.128.0/18", "10.0.192.0/18"} {
		zone := f.network.Zones[i]
		subnet, err := api.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: vpc.Vpc.VpcId, CidrBlock: aws.String(cidr), AvailabilityZone: aws.String(zone)})
		require.NoError(t, err)
		f.network.Subnets[zone] = aws.ToString(subnet.Subnet.SubnetId)
	}
	f.image, err = machine.ChooseImage(ctx, api, "", "m6i.large")
	require.NoError(t, err)
	f.profile = "orchiduid1-profile"
	identities := iam.NewFromConfig(config)
	_, err = identities.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("machine"), AssumeRolePolicyDocument: aws.String(trust)})
	require.NoError(t, err)
	_, err = identities.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String(f.profile)})
	require.NoError(t, err)
	_, err = identities.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: aws.String(f.profile), RoleName: aws.String("machine")})
	require.NoError(t, err)
	for name, arn := range map[string]*string{"first": &f.targetGroup, "second": &f.secondGroup} {
		group, err := elasticloadbalancingv2.NewFromConfig(config).CreateTargetGroup(ctx, &elasticloadbalancingv2.CreateTargetGroupInput{
			Name: aws.String(name), Protocol: elbtypes.ProtocolEnumTcp, Port: aws.Int32(6443), VpcId: vpc.Vpc.VpcId, TargetType: elbtypes.TargetTypeEnumInstance,
		})
		require.NoError(t, err)
		*arn = aws.ToString(group.TargetGroups[0].TargetGroupArn)
	}
	return f
}

func (f fixtures) controlPlane(replicas int) compute.ControlPlaneSpec {
	return compute.ControlPlaneSpec{
		Replicas: replicas, InstanceType: "m6i.large", ImageID: f.image, EtcdVolumeGiB: 50, KubernetesVersion: "1.35", Network: f.network,
		Identity: compute.Identity{From: "identity", Profile: f.profile},
		Endpoint: compute.Endpoint{From: "endpoint", Host: "api.orchid.example.com:443", TargetGroup: f.targetGroup},
	}
}

func (f fixtures) nodePool() compute.NodePoolSpec {
	return compute.NodePoolSpec{
		Pool: "workers", InstanceTypes: []string{"m6i.xlarge", "m5.xlarge"}, ImageID: f.image, Min: 3, Max: 6,
		Labels: map[string]string{"tier": "general"}, KubernetesVersion: "1.35", Network: f.network,
		Identity: compute.Identity{From: "identity", Profile: f.profile},
		Endpoint: compute.Endpoint{From: "endpoint", Host: "api.orchid.example.com:443"},
		Ingress:  &compute.Ingress{From: "ingress", HTTPTargetGroup: f.targetGroup, HTTPSTargetGroup: f.secondGroup},
	}
}

func subject(golden string, build func(fixtures, compute.AWS) *graph.Graph) graphtest.Subject {
	var f fixtures
	return graphtest.Subject{
		Fixtures: func(ctx context.Context, t *testing.T, _ *awssim.Simulation, config aws.Config) {
			f = newFixtures(ctx, t, config)
		},
		Build:     func(c aws.Config) *graph.Graph { return build(f, compute.Open(c)) },
		Factories: func(c aws.Config) graph.Factories { return compute.Factories(compute.Open(c), owner) },
		Golden:    golden,
	}
}

func TestControlPlaneObeysTheGraphLaws(t *testing.T) {
	graphtest.Laws(t, subject("control_plane.golden", func(f fixtures, api compute.AWS) *graph.Graph {
		return compute.ControlPlaneResources(f.controlPlane(3), api, owner)
	}))
}

func TestNodePoolObeysTheGraphLaws(t *testing.T) {
	graphtest.Laws(t, subject("node_pool.golden", func(f fixtures, api compute.AWS) *graph.Graph {
		return compute.NodePoolResources(f.nodePool(), api, owner)
	}))
}

func TestMembersKeepTheirZonesWhenTheirNumberChanges(t *testing.T) {
	t.Parallel()
	spec := compute.ControlPlaneSpec{Network: compute.Network{Zones: []string{"a", "b", "c"}}}
	before := []compute.Member{}
	for _, replicas := range []int{1, 3, 5} {
		spec.Replicas = replicas
		members := spec.Members()
		require.Len(t, members, replicas)
		require.Equal(t, before, members[:len(before)])
		before = members
	}
	require.Equal(t, compute.Member{Name: "a-2", Zone: "a"}, before[3])
}
