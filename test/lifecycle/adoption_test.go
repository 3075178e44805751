package lifecycle_test

import (
	"errors"
	"maps"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/platform/fault"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/libs/sim/suite"
	"github.com/skep-dev/skep/services/network"
	"github.com/skep-dev/skep/test/clustertest"
)

// shared is the name of the standalone network.
const shared = clustertest.Organization + "/networks/shared"

// adoption is a suite with a standalone network that is ready.
type adoption struct {
	*clustertest.Suite
	networks networkv1.NetworkServiceClient
	// aws and tags are the content of AWS and the tags of Skep's resources before a cluster exists.
	aws  string
	tags map[string]map[string]string
}

func withStandaloneNetwork(t *testing.T, options clustertest.Options, test func(t *testing.T, l *adoption)) {
	t.Helper()
	clustertest.Run(t, options, func(t *testing.T, s *clustertest.Suite) {
		l := &adoption{Suite: s, networks: networkv1.NewNetworkServiceClient(s.Client(network.Name))}
		l.declare(t, shared)
		l.aws, l.tags = s.AWS.String(), l.tagged()
		test(t, l)
	})
}

// declare creates a standalone network and waits until it is ready.
func (l *adoption) declare(t *testing.T, name string) {
	t.Helper()
	_, err := l.networks.ApplyNetwork(l.Context, &networkv1.ApplyNetworkRequest{Network: &networkv1.Network{Name: name, Spec: &networkv1.NetworkSpec{
		Account: clustertest.Account, Region: "eu-central-1", Vpc: &networkv1.ManagedVpc{},
	}}})
	require.NoError(t, err)
	stream, err := l.networks.WatchNetworks(l.Context, &networkv1.WatchNetworksRequest{Parent: clustertest.Organization})
	require.NoError(t, err)
	suite.Await(t, stream.Recv, func(m *networkv1.WatchNetworksResponse) bool {
		return m.GetNetwork().GetName() == name && m.GetNetwork().GetStatus().GetState() == typev1.State_READY
	})
}

func (l *adoption) network(t *testing.T) *networkv1.Network {
	t.Helper()
	out, err := l.networks.GetNetwork(l.Context, &networkv1.GetNetworkRequest{Name: shared})
	require.NoError(t, err)
	return out.GetNetwork()
}

// tagged returns the tags of all existing resources of Skep, by id.
func (l *adoption) tagged() map[string]map[string]string {
	all := make(map[string]map[string]string)
	for _, e := range l.AWS.Ledger() {
		if e.DeletedAt.IsZero() && e.Tags[session.TagInstallation] != "" {
			all[e.ID] = maps.Clone(e.Tags)
		}
	}
	return all
}

// adopting returns the quickstart cluster with the shared network.
func adopting(t *testing.T) *clusterv1.Cluster {
	t.Helper()
	c := clustertest.Quickstart(t)
	c.Spec.Network.Kind = &clusterv1.ClusterNetwork_Existing{Existing: shared}
	return c
}

func (l *adoption) create(id string, c *clusterv1.Cluster) error {
	_, err := l.Clusters.CreateCluster(l.Context, &clusterv1.CreateClusterRequest{Parent: clustertest.Organization, ClusterId: id, Cluster: c})
	return err
}

func TestAReleasedNetworkServesTheNextCluster(t *testing.T) {
	withStandaloneNetwork(t, clustertest.Options{}, func(t *testing.T, l *adoption) {
		plan, err := l.Clusters.PlanCluster(l.Context, &clusterv1.PlanClusterRequest{Parent: clustertest.Organization, ClusterId: clustertest.ClusterID, Cluster: adopting(t)})
		require.NoError(t, err)
		for _, action := range plan.GetActions() {
			if action.GetOwner() == shared && !strings.HasSuffix(action.GetResource(), "/bastion") {
				require.Contains(t, []typev1.PlannedAction_Verb{typev1.PlannedAction_UPDATE, typev1.PlannedAction_KEEP}, action.GetVerb(), action.GetResource())
			}
		}
		for range 2 {
			require.NoError(t, l.create(clustertest.ClusterID, adopting(t)))
			ready := l.WaitUntil(t, clustertest.IsReady)
			require.Len(t, ready.GetStatus().GetEgressAddresses(), 3)
			require.Equal(t, clustertest.ClusterName, l.network(t).GetSpec().GetCluster().GetName())
			staysUnchanged(t, l.Suite)
			l.belongsTo(t, ready.GetUid())

			explained := explainDelete(t, l.Suite)
			require.Len(t, explained.GetStays(), 1)
			require.Equal(t, l.network(t).GetStatus().GetVpcId(), explained.GetStays()[0].GetId())
			for _, action := range explained.GetActions() {
				require.False(t, strings.HasPrefix(action.GetResource(), "network/"), action.GetResource())
			}
			for _, p := range owned() {
				require.NoError(t, l.AWS.PutFixture(p, awssim.Target{Account: suite.Account, Region: "eu-central-1", VPC: l.network(t).GetStatus().GetVpcId(), Cluster: ready.GetUid()}))
			}

			l.Delete(t)
			l.WaitUntil(t, clustertest.IsDeleted)
			require.Equal(t, l.aws, l.AWS.String())
			require.Equal(t, l.tags, l.tagged())
			require.Nil(t, l.network(t).GetSpec().GetCluster())
			require.Nil(t, l.network(t).GetStatus().GetTenant())
		}
		_, err = l.networks.DeleteNetwork(l.Context, &networkv1.DeleteNetworkRequest{Name: shared})
		require.NoError(t, err)
		stream, err := l.networks.WatchNetworks(l.Context, &networkv1.WatchNetworksRequest{Parent: clustertest.Organization})
		require.NoError(t, err)
		suite.Await(t, stream.Recv, func(m *networkv1.WatchNetworksResponse) bool { return m.GetDeleted() })
		isEmpty(t, l.Suite)
		require.Zero(t, l.AWS.Throttles())
	})
}

// belongsTo requires that the resources of the network carry the owner tags of the cluster
// with this uid and of no other owner.
func (l *adoption) belongsTo(t *testing.T, uid string) {
	t.Helper()
	now := l.tagged()
	for id, before := range l.tags {
		require.Equal(t, uid, now[id][session.TagCluster], id)
		require.Equal(t, before["Name"], now[id]["Name"])
		require.Equal(t, before[session.TagIntent], now[id][session.TagIntent])
		for key, value := range before {
			if key, ok := strings.CutSuffix(key, "/"+l.network(t).GetUid()); ok {
				require.Equal(t, value, now[id][key+"/"+uid])
				require.NotContains(t, now[id], key+"/"+l.network(t).GetUid())
			}
		}
		require.Len(t, now[id], len(before), id)
	}
}

func TestTwoClustersAdoptOneNetworkInTurn(t *testing.T) {
	// While held, no cluster can adopt the network, so that both are created before one owns it.
	var held atomic.Bool
	hold := func(_, key string, after bool) error {
		if held.Load() && !after && strings.HasPrefix(key, "networks/") {
			return errors.New("held by the test")
		}
		return nil
	}
	withStandaloneNetwork(t, clustertest.Options{Fault: hold}, func(t *testing.T, l *adoption) {
		held.Store(true)
		for _, id := range []string{clustertest.ClusterID, "second"} {
			require.NoError(t, l.create(id, adopting(t)))
		}
		held.Store(false)
		// Either cluster may adopt the network first.
		first := l.untilReady(t, func(string) bool { return true })
		second := clustertest.Organization + "/clusters/second"
		if first.GetName() == second {
			second = clustertest.ClusterName
		}
		out, err := l.Clusters.GetCluster(l.Context, &clusterv1.GetClusterRequest{Name: second})
		require.NoError(t, err)
		loser := out.GetCluster()
		require.Equal(t, typev1.State_FAILED, loser.GetStatus().GetState())
		failed := loser.GetStatus().GetConditions()[0]
		require.Equal(t, "NetworkReady", failed.GetType())
		require.Contains(t, failed.GetFault().GetMessage(), "is of "+first.GetName())
		require.NotEmpty(t, failed.GetFault().GetRemedy())
		require.Empty(t, loser.GetStatus().GetResources(), "resources were created in the network of another cluster")

		_, err = l.Clusters.DeleteCluster(l.Context, &clusterv1.DeleteClusterRequest{Name: first.GetName()})
		require.NoError(t, err)
		l.belongsTo(t, l.untilReady(t, func(name string) bool { return name == loser.GetName() }).GetUid())
	})
}

// untilReady watches until a cluster whose name matches is ready.
func (l *adoption) untilReady(t *testing.T, matches func(name string) bool) *clusterv1.Cluster {
	t.Helper()
	stream, err := l.Clusters.WatchClusters(l.Context, &clusterv1.WatchClustersRequest{Parent: clustertest.Organization})
	require.NoError(t, err)
	return suite.Await(t, stream.Recv, func(m *clusterv1.WatchClustersResponse) bool {
		return matches(m.GetCluster().GetName()) && clustertest.IsReady(m)
	}).GetCluster()
}

func TestANetworkThatCannotBeAdoptedIsOneInvalidField(t *testing.T) {
	withStandaloneNetwork(t, clustertest.Options{}, func(t *testing.T, l *adoption) {
		require.NoError(t, l.create(clustertest.ClusterID, adopting(t)))
		l.WaitUntil(t, clustertest.IsReady)
		refused := func(want string, change func(*clusterv1.ClusterSpec)) {
			t.Helper()
			c := adopting(t)
			change(c.GetSpec())
			err := l.create("second", c)
			require.True(t, fault.Is(err, fault.Invalid), "%v", err)
			require.Len(t, fault.Of(err).Fields, 1)
			require.Equal(t, "spec.network.existing", fault.Of(err).Fields[0].Path)
			require.Contains(t, fault.Of(err).Fields[0].Message, want)
		}
		existing := func(name string) func(*clusterv1.ClusterSpec) {
			return func(s *clusterv1.ClusterSpec) { s.Network.Kind = &clusterv1.ClusterNetwork_Existing{Existing: name} }
		}
		refused("is of "+clustertest.ClusterName, func(*clusterv1.ClusterSpec) {})
		refused("there is no network", existing(clustertest.Organization+"/networks/nowhere"))
		refused("is of another organization", existing("organizations/other/networks/shared"))

		_, err := l.networks.DeleteNetwork(l.Context, &networkv1.DeleteNetworkRequest{Name: shared})
		require.True(t, fault.Is(err, fault.Precondition), "%v", err)
		require.ErrorContains(t, err, "was adopted by "+clustertest.ClusterName)

		l.declare(t, clustertest.Organization+"/networks/second")
		refused("is in eu-central-1, and the cluster in eu-west-1", func(s *clusterv1.ClusterSpec) {
			s.Region = "eu-west-1"
			existing(clustertest.Organization + "/networks/second")(s)
		})
		err = l.create("second", clustertest.Quickstart(t))
		require.True(t, fault.Is(err, fault.Invalid), "%v", err)
		require.ErrorContains(t, err, "is standalone")
		_, err = l.networks.DeleteNetwork(l.Context, &networkv1.DeleteNetworkRequest{Name: clustertest.Organization + "/networks/second"})
		require.NoError(t, err)
		refused("is being deleted", existing(clustertest.Organization+"/networks/second"))

		out, err := l.Clusters.GetCluster(l.Context, &clusterv1.GetClusterRequest{Name: clustertest.ClusterName})
		require.NoError(t, err)
		changed := proto.CloneOf(out.GetCluster())
		changed.Spec.Network = clustertest.Quickstart(t).GetSpec().GetNetwork()
		_, err = l.Clusters.UpdateCluster(l.Context, &clusterv1.UpdateClusterRequest{Cluster: changed})
		require.True(t, fault.Is(err, fault.Invalid), "%v", err)
		require.ErrorContains(t, err, "spec.network.existing")
	})
}

func TestVolumesInAReleasedNetworkFollowTheRetention(t *testing.T) {
	for retention, reason := range map[networkv1.VolumeRetention]string{networkv1.VolumeRetention_KEEP: "Kept", networkv1.VolumeRetention_DELETE: "Empty"} {
		t.Run(retention.String(), func(t *testing.T) {
			withStandaloneNetwork(t, clustertest.Options{}, func(t *testing.T, l *adoption) {
				c := adopting(t)
				c.Spec.VolumeRetention = retention
				require.NoError(t, l.create(clustertest.ClusterID, c))
				ready := l.WaitUntil(t, clustertest.IsReady)
				for _, p := range awssim.Fixtures() {
					if p.HoldsData || p.Foreign {
						require.NoError(t, l.AWS.PutFixture(p, awssim.Target{Account: suite.Account, Region: "eu-central-1", VPC: l.network(t).GetStatus().GetVpcId(), Cluster: ready.GetUid()}))
					}
				}
				require.Empty(t, explainDelete(t, l.Suite).GetBlockers(), "a foreign resource in a network that remains was reported as a blocker")
				l.Delete(t)
				l.WaitUntil(t, clustertest.IsDeleted)
				require.Equal(t, retention == networkv1.VolumeRetention_KEEP, strings.Contains(l.AWS.String(), "dynamic-pvc"))
				stream, err := l.Clusters.WatchEvents(l.Context, &clusterv1.WatchEventsRequest{Parent: clustertest.ClusterName})
				require.NoError(t, err)
				released := suite.Await(t, stream.Recv, func(m *clusterv1.WatchEventsResponse) bool { return m.GetEvent().GetType() == "Released" }).GetEvent()
				require.Equal(t, reason, released.GetReason())
				require.Contains(t, released.GetMessage(), "nothing of "+clustertest.ClusterName+" with the uid "+ready.GetUid()+" is left")
			})
		})
	}
}
