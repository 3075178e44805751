package compute_test

import (
	"context"
	"strings"
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

// computeSuite runs the compute service. The test provides the records of all other services.
type computeSuite struct {
	*suite.Suite
	t       *testing.T
	planes  computev1.ControlPlaneServiceClient
	pools   computev1.NodePoolServiceClient
	buckets map[string]*store.Bucket
	vpc     *string
}

// run runs a test on the compute service.
func run(t *testing.T, test func(ctx context.Context, s *computeSuite)) {
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
	if stored, ok := s.buckets[bucket].Get(key); ok {
		before = stored.Revision
	}
	require.NoError(s.t, object.Pack(record, r))
	_, err := s.buckets[bucket].Put(ctx, key, record, before)
	require.NoError(s.t, err)
}

// provideZones stores a network that has chosen its zones and has no resources yet.
func (s *computeSuite) provideZones(ctx context.Context) *networkv1.Network {
	n := &networkv1.Network{Name: network, Uid: "netuid2345", Status: new(networkv1.NetworkStatus)}
	for _, zone := range zones {
		n.Status.Zones = append(n.Status.Zones, &networkv1.Zone{Name: zone})
	}
	put(ctx, s, "network", "networks/demo/orchid", n)
	return n
}

// provideNetwork creates the resources of a network and stores its record with their ids.
func (s *computeSuite) provideNetwork(ctx context.Context) {
	s.t.Helper()
	n := s.provideZones(ctx)
	for i, cidr := range []string{"10.0.64.0/18", "10.0.128.0/18", "10.0.192.0/18"} {
		subnet, err := s.ec2().CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: s.vpc, CidrBlock: aws.String(cidr), AvailabilityZone: aws.String(zones[i])})
		require.NoError(s.t, err)
		n.Status.Subnets = append(n.Status.Subnets, &networkv1.Subnet{Id: aws.ToString(subnet.Subnet.SubnetId), Zone: zones[i], Tier: networkv1.Subnet_PRIVATE})
	}
	groups := new(networkv1.SecurityGroups)
	for role, field := range map[string]*string{"control-plane": &groups.ControlPlane, "node": &groups.Node, "load-balancer": &groups.LoadBalancer} {
		group, err := s.ec2().CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{VpcId: s.vpc, GroupName: aws.String(role), Description: aws.String(role)})
		require.NoError(s.t, err)
		*field = aws.ToString(group.GroupId)
	}
	n.Status.SecurityGroups = groups
	put(ctx, s, "network", "networks/demo/orchid", n)
}

// provideIdentity creates the instance profiles of a cluster identity, waits until EC2 knows them, and stores
// the record.
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

// targetGroup creates a target group and returns its ARN.
func (s *computeSuite) targetGroup(ctx context.Context, name string) string {
	s.t.Helper()
	out, err := elasticloadbalancingv2.NewFromConfig(s.AWS.Config(suite.Account, region)).CreateTargetGroup(ctx, &elasticloadbalancingv2.CreateTargetGroupInput{
		Name: aws.String(name), Protocol: elbtypes.ProtocolEnumTcp, Port: aws.Int32(6443), VpcId: s.vpc, TargetType: elbtypes.TargetTypeEnumInstance,
	})
	require.NoError(s.t, err)
	return aws.ToString(out.TargetGroups[0].TargetGroupArn)
}

// provideEndpoint stores an API endpoint with its host name and this target group; "" means that it has none yet.
func (s *computeSuite) provideEndpoint(ctx context.Context, targetGroup string) {
	put(ctx, s, "ingress", "apiEndpoints/demo/orchid", &ingressv1.ApiEndpoint{Name: endpoint, Uid: "apiuid2345", Status: &ingressv1.ApiEndpointStatus{
		Host: "api.orchid.example.test", Port: 443, TargetGroupArn: targetGroup,
	}})
}

func desiredPlane() *computev1.ControlPlane {
	return &computev1.ControlPlane{Name: plane, Spec: &computev1.ControlPlaneSpec{
		Account: account, Region: region, Cluster: cluster, Network: network, ClusterIdentity: identity, ApiEndpoint: endpoint,
		KubernetesVersion: "1.35", Replicas: 3, InstanceType: "m6i.large",
	}}
}

func desiredPool() *computev1.NodePool {
	return &computev1.NodePool{Name: pool, Spec: &computev1.NodePoolSpec{
		Account: account, Region: region, Cluster: cluster, Network: network, ClusterIdentity: identity, ApiEndpoint: endpoint,
		Ingress: organization + "/ingresses/orchid", KubernetesVersion: "1.35", Pool: "workers", InstanceTypes: []string{"m6i.xlarge"}, MinSize: 3, MaxSize: 6,
	}}
}

func (s *computeSuite) apply(ctx context.Context) {
	s.t.Helper()
	_, err := s.planes.ApplyControlPlane(ctx, &computev1.ApplyControlPlaneRequest{ControlPlane: desiredPlane()})
	require.NoError(s.t, err)
	_, err = s.pools.ApplyNodePool(ctx, &computev1.ApplyNodePoolRequest{NodePool: desiredPool()})
	require.NoError(s.t, err)
}

// plane waits until seen accepts the control plane and returns it.
func (s *computeSuite) plane(ctx context.Context, seen func(*computev1.ControlPlane) bool) *computev1.ControlPlane {
	s.t.Helper()
	stream, err := s.planes.WatchControlPlanes(ctx, &computev1.WatchControlPlanesRequest{Parent: organization})
	require.NoError(s.t, err)
	return suite.Await(s.t, stream.Recv, func(m *computev1.WatchControlPlanesResponse) bool {
		return m.GetControlPlane() != nil && seen(m.GetControlPlane())
	}).GetControlPlane()
}

// pool waits until seen accepts the node pool, or its record is deleted, and returns it.
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

// has reports whether exactly count resources of a resource type are in a state.
func has(items []*typev1.InventoryItem, resourceType string, state typev1.InventoryItem_State, count int) bool {
	for _, item := range items {
		if strings.HasPrefix(item.GetName(), resourceType+"/") && item.GetState() == state {
			count--
		}
	}
	return count == 0
}

func TestMachinesStartAsTheirDependenciesAppearAndAreDeleted(t *testing.T) {
	run(t, func(ctx context.Context, s *computeSuite) {
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
		require.Len(t, s.AWS.Mutations(), mutations, "ready machines were changed")

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
		for _, deleted := range []string{" Instance ", " Volume ", " NetworkInterface ", " LaunchTemplate ", " AutoScalingGroup "} {
			require.NotContains(t, s.AWS.String(), deleted)
		}
		require.Zero(t, s.AWS.Throttles())
	})
}

func TestAPoolIsReadyWithoutIngressAndFollowsALaterOne(t *testing.T) {
	run(t, func(ctx context.Context, s *computeSuite) {
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
		ingress.Status = &ingressv1.IngressStatus{TargetGroupArns: &ingressv1.TargetGroupArns{Http: s.targetGroup(ctx, "http"), Https: s.targetGroup(ctx, "https")}}
		put(ctx, s, "ingress", "ingresses/demo/orchid", ingress)
		s.pool(ctx, func(r *computev1.NodePool) bool {
			return poolReady(r) && has(r.GetStatus().GetResources(), "target-group-attachment", typev1.InventoryItem_READY, 2)
		})

		stored, ok := s.buckets["ingress"].Get("ingresses/demo/orchid")
		require.True(t, ok)
		require.NoError(t, s.buckets["ingress"].Delete(ctx, "ingresses/demo/orchid", stored.Revision))
		s.pool(ctx, func(r *computev1.NodePool) bool { return poolReady(r) && len(r.GetStatus().GetResources()) == 2 })
	})
}

func TestAnInvalidChangeIsRefusedWithEveryBadField(t *testing.T) {
	run(t, func(ctx context.Context, s *computeSuite) {
		s.apply(ctx)
		changed := desiredPlane()
		changed.Spec.InstanceType, changed.Spec.KubernetesVersion, changed.Spec.EtcdVolumeGib, changed.Spec.ImageId = "m6i.xlarge", "1.36", 100, "ami-12345678"
		changed.Spec.Network = organization + "/networks/other"
		_, err := s.planes.ApplyControlPlane(ctx, &computev1.ApplyControlPlaneRequest{ControlPlane: changed})
		require.ElementsMatch(t, []string{
			"spec.network", "spec.instanceType", "spec.imageId", "spec.kubernetesVersion", "spec.etcdVolumeGib",
		}, paths(err))

		other := desiredPool()
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

// paths returns the paths of the fields that a fault names.
func paths(err error) []string {
	var named []string
	for _, field := range fault.Of(err).Fields {
		named = append(named, field.Path)
	}
	return named
}

func TestPlanNeedsOnlyAssumedZones(t *testing.T) {
	run(t, func(ctx context.Context, s *computeSuite) {
		s.AWS.ResetCalls()
		_, err := s.planes.PlanControlPlane(ctx, &computev1.PlanControlPlaneRequest{ControlPlane: desiredPlane()})
		require.Error(t, err)
		planned, err := s.planes.PlanControlPlane(ctx, &computev1.PlanControlPlaneRequest{ControlPlane: desiredPlane(), AssumeZones: zones})
		require.NoError(t, err)
		require.Len(t, planned.GetActions(), 15)
		require.Equal(t, zones, planned.GetZones())
		nodes, err := s.pools.PlanNodePool(ctx, &computev1.PlanNodePoolRequest{NodePool: desiredPool(), AssumeZones: zones})
		require.NoError(t, err)
		require.Len(t, nodes.GetActions(), 2)
		require.Empty(t, s.AWS.Calls(), "the plan of a new object called AWS")
	})
}

func TestAPoolUsesAnImageGivenLater(t *testing.T) {
	run(t, func(ctx context.Context, s *computeSuite) {
		s.provideNetwork(ctx)
		s.provideIdentity(ctx)
		s.provideEndpoint(ctx, s.targetGroup(ctx, "api"))
		s.apply(ctx)
		newest := s.pool(ctx, poolReady).GetStatus().GetImageId()
		out, err := s.ec2().DescribeImages(ctx, &ec2.DescribeImagesInput{Owners: []string{"075585003325"}})
		require.NoError(t, err)
		desired := desiredPool()
		for _, image := range out.Images {
			if image.Architecture == "x86_64" && aws.ToString(image.ImageId) != newest {
				desired.Spec.ImageId = aws.ToString(image.ImageId)
			}
		}
		_, err = s.pools.ApplyNodePool(ctx, &computev1.ApplyNodePoolRequest{NodePool: desired})
		require.NoError(t, err)
		s.pool(ctx, func(r *computev1.NodePool) bool {
			return poolReady(r) && r.GetStatus().GetObservedGeneration() == 2 && r.GetStatus().GetImageId() == desired.GetSpec().GetImageId()
		})
		versions, err := s.ec2().DescribeLaunchTemplateVersions(ctx, &ec2.DescribeLaunchTemplateVersionsInput{
			LaunchTemplateName: aws.String("orchiduid1-workers"), Versions: []string{"$Latest"},
		})
		require.NoError(t, err)
		require.Equal(t, desired.GetSpec().GetImageId(), aws.ToString(versions.LaunchTemplateVersions[0].LaunchTemplateData.ImageId))
	})
}
