package composer_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/platform/fault"
)

const shared = "organizations/demo/networks/shared"

// adopting is the quickstart in a network that was made by itself.
func adopting(t *testing.T) *clusterv1.Cluster {
	t.Helper()
	c := quickstart(t)
	c.Spec.Network.Kind = &clusterv1.ClusterNetwork_Existing{Existing: shared}
	return c
}

// alone is a network that was made by itself and is ready.
func alone(change func(*networkv1.Network)) *networkv1.Network {
	n := &networkv1.Network{Name: shared, Etag: "7", Spec: &networkv1.NetworkSpec{
		Account: "organizations/demo/accounts/main", Region: "eu-central-1", Vpc: &networkv1.ManagedVpc{Cidr: "10.9.0.0/16"},
	}, Status: &networkv1.NetworkStatus{State: typev1.State_READY}}
	change(n)
	return n
}

var another = &typev1.ClusterReference{Name: "organizations/demo/clusters/rose", Uid: "roseuid111"}

func TestAClusterClaimsANetworkBuildsInItAndGivesItBackLast(t *testing.T) {
	t.Parallel()
	s, c, ledger := newSuite(), adopting(t), graph.NewMemory("test")
	before := alone(func(*networkv1.Network) {})
	s.parts[shared] = before
	pass := func() graph.Report {
		return s.peers().Compose(c).Graph.Ensure(t.Context(), graph.Walk{Ledger: ledger, Resync: true})
	}
	require.NoError(t, pass().Err())
	claimed := s.parts[shared].(*networkv1.Network)
	require.Equal(t, "7", claimed.GetEtag(), "the claim is no compare-and-swap")
	require.True(t, proto.Equal(&typev1.ClusterReference{Name: c.GetName(), Uid: c.GetUid(), Adopted: true}, claimed.GetSpec().GetCluster()))
	require.True(t, claimed.GetSpec().GetAccess().GetBastion())
	require.True(t, proto.Equal(before.GetSpec().GetVpc(), claimed.GetSpec().GetVpc()))
	require.NotContains(t, s.parts, "organizations/demo/networks/orchid")
	require.Len(t, s.parts, 7, "the parts were not declared")

	walk := graph.Walk{Ledger: ledger, Factories: s.peers().Kinds(c), Resync: true}
	require.NoError(t, walk.Delete(t.Context()).Err())
	require.NotNil(t, s.parts[shared].(*networkv1.Network).GetSpec().GetCluster(), "the network was given back before the parts in it had gone")
	for range 3 {
		require.NoError(t, walk.Delete(t.Context()).Err())
	}
	require.True(t, proto.Equal(before, s.parts[shared]))
	require.Len(t, s.parts, 1)
}

func TestANetworkThatIsNotReadyIsWaitedForAndNothingIsBuiltInIt(t *testing.T) {
	t.Parallel()
	s, ledger := newSuite(), graph.NewMemory("test")
	s.parts[shared] = alone(func(n *networkv1.Network) { n.Status.State = typev1.State_CREATING })
	for range 2 {
		report := s.peers().Compose(adopting(t)).Graph.Ensure(t.Context(), graph.Walk{Ledger: ledger, Resync: true})
		require.NoError(t, report.Err())
		require.False(t, report.Settled())
	}
	require.Nil(t, s.parts[shared].(*networkv1.Network).GetSpec().GetCluster())
	require.Len(t, s.parts, 1)
}

func TestANetworkThatCannotBeHadIsOneBadFieldBeforeAndAFaultWithARemedyAfter(t *testing.T) {
	t.Parallel()
	for title, test := range map[string]struct {
		network *networkv1.Network
		reason  string
	}{
		"there is none":            {nil, "there is no network"},
		"it is of another":         {alone(func(n *networkv1.Network) { n.Spec.Cluster = another }), "is of organizations/demo/clusters/rose"},
		"another gives it back":    {alone(func(n *networkv1.Network) { n.Status.Tenant = &networkv1.Tenant{Cluster: another} }), "was adopted by organizations/demo/clusters/rose"},
		"it is being deleted":      {alone(func(n *networkv1.Network) { n.DeleteTime = timestamppb.Now() }), "is being deleted"},
		"it is in another account": {alone(func(n *networkv1.Network) { n.Spec.Account = "organizations/demo/accounts/other" }), "accounts/other"},
		"it is in another region":  {alone(func(n *networkv1.Network) { n.Spec.Region = "eu-west-1" }), "eu-west-1"},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			s := newSuite()
			if test.network != nil {
				s.parts[shared] = test.network
			}
			composed := s.peers().Compose(adopting(t))
			err := composed.Check(t.Context())
			require.True(t, fault.Is(err, fault.Invalid), "%v", err)
			require.Len(t, fault.Of(err).Fields, 1)
			require.Equal(t, "spec.network.existing", fault.Of(err).Fields[0].Path)
			require.Contains(t, fault.Of(err).Fields[0].Message, test.reason)

			ledger := graph.NewMemory("test")
			composed.Graph.Ensure(t.Context(), graph.Walk{Ledger: ledger, Resync: true})
			report := s.peers().Compose(adopting(t)).Graph.Ensure(t.Context(), graph.Walk{Ledger: ledger, Resync: true})
			require.Equal(t, graph.Failed, report[0].Outcome)
			f := fault.Of(report[0].Err)
			require.Equal(t, fault.User, f.Actor())
			require.NotEmpty(t, f.Remedy)
			require.LessOrEqual(t, len(s.parts), 1, "something was built")
		})
	}
}

func TestWhatHasTheNameOfAPartAndIsNotTheClustersIsNeitherTakenNorDeleted(t *testing.T) {
	t.Parallel()
	const name = "organizations/demo/networks/orchid"
	for title, cluster := range map[string]*typev1.ClusterReference{"it was made by itself": nil, "it is of another cluster": another} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			s, ledger, c := newSuite(), graph.NewMemory("test"), quickstart(t)
			taken := alone(func(n *networkv1.Network) { n.Name, n.Spec.Cluster = name, cluster })
			s.peers().Compose(c).Graph.Ensure(t.Context(), graph.Walk{Ledger: ledger})
			s.parts[name] = taken
			report := s.peers().Compose(c).Graph.Ensure(t.Context(), graph.Walk{Ledger: ledger, Resync: true})
			require.ErrorContains(t, report.Err(), "exists already")
			walk := graph.Walk{Ledger: ledger, Factories: s.peers().Kinds(c), Resync: true}
			require.NoError(t, walk.Delete(t.Context()).Err())
			require.Equal(t, map[string]object.Object{name: taken}, s.parts)
		})
	}
}
