package compute_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/stretchr/testify/require"

	computev1 "github.com/skep-dev/skep/proto/gen/go/skep/compute/v1"
	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
	ingressv1 "github.com/skep-dev/skep/proto/gen/go/skep/ingress/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/service"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/fault"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/libs/sim/suite"
	"github.com/skep-dev/skep/services/compute"
)

const (
	region       = "eu-central-1"
	organization = "organizations/demo"
	account      = organization + "/accounts/main"
	network      = organization + "/networks/orchid"
	identity     = organization + "/clusterIdentities/orchid"
	endpoint     = organization + "/apiEndpoints/orchid"
	plane        = organization + "/controlPlanes/orchid"
	pool         = organization + "/nodePools/orchid-workers"
)

const trust = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}`

var (
	alone   = suite.Options{DirectCredentials: true, Services: map[string]service.Constructor{compute.Name: compute.New}}
	cluster = &typev1.ClusterReference{Name: organization + "/clusters/orchid", Uid: "orchiduid1"}
	zones   = []string{region + "a", region + "b", region + "c"}
)

// computeSuite is the compute service with everybody else played by the test.
type computeSuite struct {
	*suite.Suite
	t       *testing.T
	planes  computev1.ControlPlaneServiceClient
	pools   computev1.NodePoolServiceClient
	buckets map[string]*store.Bucket
	vpc     *string
}

// play runs a test on the compute service.
func play(t *testing.T, test func(ctx context.Context, s *computeSuite)) {
	t.Helper()
	suite.Run(t, alone, func(t *testing.T, w *suite.Suite) {
		ctx, stop := context.WithCancel(suite.Context(t))
		s := &computeSuite{
			Suite: w, t: t, buckets: make(map[string]*store.Bucket),
			planes: computev1.NewControlPlaneServiceClient(w.Client(compute.Name)),
			pools:  computev1.NewNodePoolServiceClient(w.Client(compute.Name)),
		}
		var running sync.WaitGroup
		defer running.Wait()
		defer stop()
		for _, name := range []string{"network", "identity", "ingress"} {
			bucket, err := store.Open(ctx, w.NATS(name), name, store.Options{})
			require.NoError(t, err)
			running.Go(func() { _ = bucket.Run(ctx) })
			s.buckets[name] = bucket
		}
		vpc, err := s.ec2().CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
		require.NoError(t, err)
		s.vpc = vpc.Vpc.VpcId
		test(ctx, s)
	})
}

func (s *computeSuite) ec2() *ec2.Client {
	return ec2.NewFromConfig(s.AWS.Config(suite.Account, region))
}

// put writes a record of another service.
func put[R object.Object](ctx context.Context, s *computeSuite, bucket, key string, r R) {
	s.t.Helper()
	record, before := new(recordv1.Record), uint64(0)
	require.NoError(s.t, s.buckets[bucket].Synced(ctx))
	if there, ok := s.buckets[bucket].Get(key); ok {
		before = there.Revision
	}
	require.NoError(s.t, object.Pack(record, r))
	_, err := s.buckets[bucket].Put(ctx, key, record, before)
	require.NoError(s.t, err)
}

// provideZones is a network that has chosen its zones and made nothing.
func (s *computeSuite) provideZones(ctx context.Context) *networkv1.Network {
	n := &networkv1.Network{Name: network, Uid: "netuid2345", Status: &networkv1.NetworkStatus{SecurityGroups: make(map[string]string)}}
	for _, zone := range zones {
		n.Status.Zones = append(n.Status.Zones, &networkv1.Zone{Name: zone})
	}
	put(ctx, s, "network", "networks/demo/orchid", n)
	return n
}

// provideNetwork is a network that is ready.
func (s *computeSuite) provideNetwork(ctx context.Context) {
	s.t.Helper()
	n := s.provideZones(ctx)
	for i, cidr := range []string{"10.0.64.0/18", "10.0.128.0/18", "10.0.192.0/18"} {
		subnet, err := s.ec2().CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: s.vpc, CidrBlock: aws.String(cidr), AvailabilityZone: aws.String(zones[i])})
		require.NoError(s.t, err)
		n.Status.Subnets = append(n.Status.Subnets, &networkv1.Subnet{Id: aws.ToString(subnet.Subnet.SubnetId), Zone: zones[i], Tier: networkv1.Subnet_PRIVATE})
	}
	for _, role := range []string{"control-plane", "node", "load-balancer"} {
		group, err := s.ec2().CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{VpcId: s.vpc, GroupName: aws.String(role), Description: aws.String(role)})
		require.NoError(s.t, err)
		n.Status.SecurityGroups[role] = aws.ToString(group.GroupId)
	}
	put(ctx, s, "network", "networks/demo/orchid", n)
}

// provideIdentity is an identity that is ready: its instance profiles have shown
// everywhere.
func (s *computeSuite) provideIdentity(ctx context.Context) {
	s.t.Helper()
	api := iam.NewFromConfig(s.AWS.Config(suite.Account, region))
	i := &identityv1.ClusterIdentity{Name: identity, Uid: "iduid23456", Status: &identityv1.ClusterIdentityStatus{
		ControlPlane: &identityv1.InstanceProfile{Name: "orchid-control-plane"}, Node: &identityv1.InstanceProfile{Name: "orchid-node"},
	}}
	for _, profile := range []*identityv1.InstanceProfile{i.GetStatus().GetControlPlane(), i.GetStatus().GetNode()} {
		name := aws.String(profile.GetName())
		_, err := api.CreateRole(ctx, &iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: aws.String(trust)})
		require.NoError(s.t, err)
		_, err = api.CreateInstanceProfile(ctx, &iam.CreateInstanceProfileInput{InstanceProfileName: name})
		require.NoError(s.t, err)
		_, err = api.AddRoleToInstanceProfile(ctx, &iam.AddRoleToInstanceProfileInput{InstanceProfileName: name, RoleName: name})
		require.NoError(s.t, err)
	}
	time.Sleep(2 * awssim.Latency("InstanceProfile/usable"))
	put(ctx, s, "identity", "clusterIdentities/demo/orchid", i)
}

// targetGroup makes a target group and returns its ARN.
func (s *computeSuite) targetGroup(ctx context.Context, name string) string {
	s.t.Helper()
	out, err := elasticloadbalancingv2.NewFromConfig(s.AWS.Config(suite.Account, region)).CreateTargetGroup(ctx, &elasticloadbalancingv2.CreateTargetGroupInput{
		Name: aws.String(name), Protocol: elbtypes.ProtocolEnumTcp, Port: aws.Int32(6443), VpcId: s.vpc, TargetType: elbtypes.TargetTypeEnumInstance,
	})
	require.NoError(s.t, err)
	return aws.ToString(out.TargetGroups[0].TargetGroupArn)
}

// provideEndpoint is an API endpoint that is ready, or only has its name yet.
func (s *computeSuite) provideEndpoint(ctx context.Context, targetGroup string) {
	put(ctx, s, "ingress", "apiEndpoints/demo/orchid", &ingressv1.ApiEndpoint{Name: endpoint, Uid: "apiuid2345", Status: &ingressv1.ApiEndpointStatus{
		Host: "api.orchid.example.test", Port: 443, TargetGroupArn: targetGroup,
	}})
}

func wantedPlane() *computev1.ControlPlane {
	return &computev1.ControlPlane{Name: plane, Spec: &computev1.ControlPlaneSpec{
		Account: account, Region: region, Cluster: cluster, Network: network, ClusterIdentity: identity, ApiEndpoint: endpoint,
		KubernetesVersion: "1.35", Replicas: 3, InstanceType: "m6i.large",
	}}
}

func wantedPool() *computev1.NodePool {
	return &computev1.NodePool{Name: pool, Spec: &computev1.NodePoolSpec{
		Account: account, Region: region, Cluster: cluster, Network: network, ClusterIdentity: identity, ApiEndpoint: endpoint,
		KubernetesVersion: "1.35", Pool: "workers", InstanceTypes: []string{"m6i.xlarge"}, MinSize: 3, MaxSize: 6,
	}}
}

func (s *computeSuite) apply(ctx context.Context) {
	s.t.Helper()
	_, err := s.planes.ApplyControlPlane(ctx, &computev1.ApplyControlPlaneRequest{ControlPlane: wantedPlane()})
	require.NoError(s.t, err)
	_, err = s.pools.ApplyNodePool(ctx, &computev1.ApplyNodePoolRequest{NodePool: wantedPool()})
	require.NoError(s.t, err)
}

// plane waits for a state of the control plane and returns it.
func (s *computeSuite) plane(ctx context.Context, seen func(*computev1.ControlPlane) bool) *computev1.ControlPlane {
	s.t.Helper()
	stream, err := s.planes.WatchControlPlanes(ctx, &computev1.WatchControlPlanesRequest{Parent: organization})
	require.NoError(s.t, err)
	return suite.Await(s.t, stream.Recv, func(m *computev1.WatchControlPlanesResponse) bool {
		return m.GetControlPlane() != nil && seen(m.GetControlPlane())
	}).GetControlPlane()
}

// pool waits for a state of the node pool and returns it.
func (s *computeSuite) pool(ctx context.Context, seen func(*computev1.NodePool) bool) *computev1.NodePool {
	s.t.Helper()
	stream, err := s.pools.WatchNodePools(ctx, &computev1.WatchNodePoolsRequest{Parent: organization})
	require.NoError(s.t, err)
	return suite.Await(s.t, stream.Recv, func(m *computev1.WatchNodePoolsResponse) bool {
		return m.GetDeleted() || m.GetNodePool() != nil && seen(m.GetNodePool())
	}).GetNodePool()
}

func planeReady(r *computev1.ControlPlane) bool {
	return r.GetStatus().GetState() == typev1.State_READY
}
func poolReady(r *computev1.NodePool) bool { return r.GetStatus().GetState() == typev1.State_READY }

// has says whether so many things of a kind are in a state.
func has(items []*typev1.InventoryItem, kindOf string, state typev1.InventoryItem_State, count int) bool {
	for _, item := range items {
		if len(item.GetName()) > len(kindOf) && item.GetName()[:len(kindOf)+1] == kindOf+"/" && item.GetState() == state {
			count--
		}
	}
	return count == 0
}

func TestMachinesStartAsFarAsOthersProvideForThemAndGoWithoutATrace(t *testing.T) {
	play(t, func(ctx context.Context, s *computeSuite) {
		s.apply(ctx)
		s.provideZones(ctx)
		s.plane(ctx, func(r *computev1.ControlPlane) bool {
			return has(r.GetStatus().GetResources(), "etcd-volume", typev1.InventoryItem_READY, 3)
		})
		s.provideNetwork(ctx)
		s.plane(ctx, func(r *computev1.ControlPlane) bool {
			return has(r.GetStatus().GetResources(), "network-interface", typev1.InventoryItem_READY, 3)
		})
		s.provideEndpoint(ctx, "")
		s.provideIdentity(ctx)
		s.plane(ctx, func(r *computev1.ControlPlane) bool {
			return has(r.GetStatus().GetResources(), "instance", typev1.InventoryItem_READY, 3)
		})
		s.provideEndpoint(ctx, s.targetGroup(ctx, "api"))

		ready := s.plane(ctx, planeReady)
		require.Len(t, ready.GetStatus().GetMembers(), 3)
		for i, member := range ready.GetStatus().GetMembers() {
			require.Equal(t, zones[i], member.GetZone())
			require.NotEmpty(t, member.GetInstanceId())
			require.NotEmpty(t, member.GetPrivateAddress())
			require.NotEmpty(t, member.GetEtcdVolumeId())
		}
		nodes := s.pool(ctx, poolReady)
		require.Equal(t, "orchiduid1-workers", nodes.GetStatus().GetAutoScalingGroup())
		require.EqualValues(t, 3, nodes.GetStatus().GetInService())

		mutations := len(s.AWS.Mutations())
		time.Sleep(time.Hour)
		require.Len(t, s.AWS.Mutations(), mutations, "settled machines were not left alone")

		planes, err := s.planes.WatchControlPlanes(ctx, &computev1.WatchControlPlanesRequest{Parent: organization})
		require.NoError(t, err)
		pools, err := s.pools.WatchNodePools(ctx, &computev1.WatchNodePoolsRequest{Parent: organization})
		require.NoError(t, err)
		_, err = s.planes.DeleteControlPlane(ctx, &computev1.DeleteControlPlaneRequest{Name: plane})
		require.NoError(t, err)
		_, err = s.pools.DeleteNodePool(ctx, &computev1.DeleteNodePoolRequest{Name: pool})
		require.NoError(t, err)
		suite.Await(t, planes.Recv, func(m *computev1.WatchControlPlanesResponse) bool { return m.GetDeleted() })
		suite.Await(t, pools.Recv, func(m *computev1.WatchNodePoolsResponse) bool { return m.GetDeleted() })
		for _, left := range []string{" Instance ", " Volume ", " NetworkInterface ", " LaunchTemplate ", " AutoScalingGroup "} {
			require.NotContains(t, s.AWS.String(), left)
		}
		require.Zero(t, s.AWS.Throttles())
	})
}

func TestAPoolIsReadyWithoutAnIngressAndFollowsOneThatComesAndGoes(t *testing.T) {
	play(t, func(ctx context.Context, s *computeSuite) {
		s.provideNetwork(ctx)
		s.provideIdentity(ctx)
		s.provideEndpoint(ctx, s.targetGroup(ctx, "api"))
		s.apply(ctx)
		s.pool(ctx, poolReady)

		ingress := &ingressv1.Ingress{Name: organization + "/ingresses/orchid", Uid: "inguid2345"}
		put(ctx, s, "ingress", "ingresses/demo/orchid", ingress)
		s.pool(ctx, func(r *computev1.NodePool) bool {
			return has(r.GetStatus().GetResources(), "target-group-attachment", typev1.InventoryItem_BLOCKED, 2)
		})
		ingress.Status = &ingressv1.IngressStatus{TargetGroupArns: map[string]string{"http": s.targetGroup(ctx, "http"), "https": s.targetGroup(ctx, "https")}}
		put(ctx, s, "ingress", "ingresses/demo/orchid", ingress)
		s.pool(ctx, func(r *computev1.NodePool) bool {
			return poolReady(r) && has(r.GetStatus().GetResources(), "target-group-attachment", typev1.InventoryItem_READY, 2)
		})

		there, ok := s.buckets["ingress"].Get("ingresses/demo/orchid")
		require.True(t, ok)
		require.NoError(t, s.buckets["ingress"].Delete(ctx, "ingresses/demo/orchid", there.Revision))
		s.pool(ctx, func(r *computev1.NodePool) bool { return poolReady(r) && len(r.GetStatus().GetResources()) == 2 })
	})
}

func TestAChangeThatCannotBeMadeIsRefusedAndEveryBadFieldIsNamed(t *testing.T) {
	play(t, func(ctx context.Context, s *computeSuite) {
		s.apply(ctx)
		changed := wantedPlane()
		changed.Spec.InstanceType, changed.Spec.KubernetesVersion, changed.Spec.EtcdVolumeGib, changed.Spec.ImageId = "m6i.xlarge", "1.36", 100, "ami-12345678"
		changed.Spec.Network = organization + "/networks/other"
		_, err := s.planes.ApplyControlPlane(ctx, &computev1.ApplyControlPlaneRequest{ControlPlane: changed})
		require.ElementsMatch(t, []string{
			"spec.network", "spec.instanceType", "spec.imageId", "spec.kubernetesVersion", "spec.etcdVolumeGib",
		}, paths(err))

		other := wantedPool()
		other.Spec.Cluster = nil
		other.Spec.Pool, other.Spec.InstanceTypes, other.Spec.MaxSize = "others", []string{"m7g.large", "m6i.large"}, 2
		other.Spec.NodeLabels = map[string]string{"not a label": "x", "tier": "not, a value", "fine": "yes"}
		_, err = s.pools.ApplyNodePool(ctx, &computev1.ApplyNodePoolRequest{NodePool: other})
		require.ElementsMatch(t, []string{
			"spec.maxSize", "spec.instanceTypes[1]", `spec.nodeLabels["not a label"]`, `spec.nodeLabels["tier"]`,
			"spec.cluster", "spec.pool", "spec.instanceTypes",
		}, paths(err))
	})
}

// paths are the fields that a fault names.
func paths(err error) []string {
	var named []string
	for _, field := range fault.Of(err).Fields {
		named = append(named, field.Path)
	}
	return named
}

func TestAPlanNeedsNothingOfOthersButAssumedZones(t *testing.T) {
	play(t, func(ctx context.Context, s *computeSuite) {
		s.AWS.ForgetCalls()
		_, err := s.planes.PlanControlPlane(ctx, &computev1.PlanControlPlaneRequest{ControlPlane: wantedPlane()})
		require.Error(t, err)
		planned, err := s.planes.PlanControlPlane(ctx, &computev1.PlanControlPlaneRequest{ControlPlane: wantedPlane(), AssumeZones: zones})
		require.NoError(t, err)
		require.Len(t, planned.GetActions(), 15)
		require.Equal(t, zones, planned.GetZones())
		nodes, err := s.pools.PlanNodePool(ctx, &computev1.PlanNodePoolRequest{NodePool: wantedPool(), AssumeZones: zones})
		require.NoError(t, err)
		require.Len(t, nodes.GetActions(), 2)
		require.Empty(t, s.AWS.Calls(), "a plan of what is not there called AWS")
	})
}

func TestADeclaredImageIsFollowedByAPool(t *testing.T) {
	play(t, func(ctx context.Context, s *computeSuite) {
		s.provideNetwork(ctx)
		s.provideIdentity(ctx)
		s.provideEndpoint(ctx, s.targetGroup(ctx, "api"))
		s.apply(ctx)
		newest := s.pool(ctx, poolReady).GetStatus().GetImageId()
		out, err := s.ec2().DescribeImages(ctx, &ec2.DescribeImagesInput{Owners: []string{"075585003325"}})
		require.NoError(t, err)
		wanted := wantedPool()
		for _, image := range out.Images {
			if image.Architecture == "x86_64" && aws.ToString(image.ImageId) != newest {
				wanted.Spec.ImageId = aws.ToString(image.ImageId)
			}
		}
		_, err = s.pools.ApplyNodePool(ctx, &computev1.ApplyNodePoolRequest{NodePool: wanted})
		require.NoError(t, err)
		s.pool(ctx, func(r *computev1.NodePool) bool {
			return poolReady(r) && r.GetStatus().GetObservedGeneration() == 2 && r.GetStatus().GetImageId() == wanted.GetSpec().GetImageId()
		})
		versions, err := s.ec2().DescribeLaunchTemplateVersions(ctx, &ec2.DescribeLaunchTemplateVersionsInput{
			LaunchTemplateName: aws.String("orchiduid1-workers"), Versions: []string{"$Latest"},
		})
		require.NoError(t, err)
		require.Equal(t, wanted.GetSpec().GetImageId(), aws.ToString(versions.LaunchTemplateVersions[0].LaunchTemplateData.ImageId))
	})
}
