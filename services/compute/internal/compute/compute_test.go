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

// planted is what the other services make before.
type planted struct {
	network     compute.Network
	image       string
	profile     string
	targetGroup string
	secondGroup string
}

func plant(ctx context.Context, t *testing.T, config aws.Config) planted {
	t.Helper()
	api := ec2.NewFromConfig(config)
	vpc, err := api.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	require.NoError(t, err)
	p := planted{network: compute.Network{
		From: "organizations/acme/networks/orchid", Zones: []string{graphtest.Region + "a", graphtest.Region + "b", graphtest.Region + "c"},
		Subnets: make(map[string]string), SecurityGroups: make(map[string]string),
	}}
	for _, role := range []string{"control-plane", "node", "load-balancer"} {
		group, err := api.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{VpcId: vpc.Vpc.VpcId, GroupName: aws.String(role), Description: aws.String(role)})
		require.NoError(t, err)
		p.network.SecurityGroups[role] = aws.ToString(group.GroupId)
	}
	for i, cidr := range []string{"10.0.64.0/18", "10.0.128.0/18", "10.0.192.0/18"} {
		zone := p.network.Zones[i]
		subnet, err := api.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: vpc.Vpc.VpcId, CidrBlock: aws.String(cidr), AvailabilityZone: aws.String(zone)})
		require.NoError(t, err)
		p.network.Subnets[zone] = aws.ToString(subnet.Subnet.SubnetId)
	}
	p.image, err = machine.ChooseImage(ctx, api, "", "m6i.large")
	require.NoError(t, err)
	p.profile = "orchiduid1-profile"
	identities := iam.NewFromConfig(config)
	_, err = identities.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("machine"), AssumeRolePolicyDocument: aws.String(trust)})
	require.NoError(t, err)
	_, err = identities.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: aws.String(p.profile)})
	require.NoError(t, err)
	_, err = identities.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: aws.String(p.profile), RoleName: aws.String("machine")})
	require.NoError(t, err)
	for name, arn := range map[string]*string{"first": &p.targetGroup, "second": &p.secondGroup} {
		group, err := elasticloadbalancingv2.NewFromConfig(config).CreateTargetGroup(ctx, &elasticloadbalancingv2.CreateTargetGroupInput{
			Name: aws.String(name), Protocol: elbtypes.ProtocolEnumTcp, Port: aws.Int32(6443), VpcId: vpc.Vpc.VpcId, TargetType: elbtypes.TargetTypeEnumInstance,
		})
		require.NoError(t, err)
		*arn = aws.ToString(group.TargetGroups[0].TargetGroupArn)
	}
	return p
}

func (p planted) controlPlane(replicas int) compute.ControlPlaneSpec {
	return compute.ControlPlaneSpec{
		Replicas: replicas, InstanceType: "m6i.large", ImageID: p.image, EtcdVolumeGiB: 50, KubernetesVersion: "1.35", Network: p.network,
		Identity: compute.Identity{From: "identity", Profile: p.profile},
		Endpoint: compute.Endpoint{From: "endpoint", Host: "api.orchid.example.com:443", TargetGroup: p.targetGroup},
	}
}

func (p planted) nodePool() compute.NodePoolSpec {
	return compute.NodePoolSpec{
		Pool: "workers", InstanceTypes: []string{"m6i.xlarge", "m5.xlarge"}, ImageID: p.image, Min: 3, Max: 6,
		Labels: map[string]string{"tier": "general"}, KubernetesVersion: "1.35", Network: p.network,
		Identity: compute.Identity{From: "identity", Profile: p.profile},
		Endpoint: compute.Endpoint{From: "endpoint", Host: "api.orchid.example.com:443"},
		Ingress:  &compute.Ingress{From: "ingress", TargetGroups: map[string]string{"http": p.targetGroup, "https": p.secondGroup}},
	}
}

func subject(golden string, declare func(planted, compute.AWS) *graph.Graph) graphtest.Subject {
	var p planted
	return graphtest.Subject{
		Fixtures:  func(ctx context.Context, t *testing.T, _ *awssim.World, config aws.Config) { p = plant(ctx, t, config) },
		Build:     func(c aws.Config) *graph.Graph { return declare(p, compute.Open(c)) },
		Factories: func(c aws.Config) graph.Factories { return compute.Factories(compute.Open(c), owner) },
		Golden:    golden,
	}
}

func TestTheControlPlaneObeysTheFiveLaws(t *testing.T) {
	graphtest.Laws(t, subject("control_plane.golden", func(p planted, api compute.AWS) *graph.Graph {
		return compute.ControlPlaneResources(p.controlPlane(3), api, owner)
	}))
}

func TestTheNodePoolObeysTheFiveLaws(t *testing.T) {
	graphtest.Laws(t, subject("node_pool.golden", func(p planted, api compute.AWS) *graph.Graph {
		return compute.NodePoolResources(p.nodePool(), api, owner)
	}))
}

func TestMembersStayWhereTheyAreWhenTheirNumberChanges(t *testing.T) {
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
