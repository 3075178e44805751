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

// adopting returns the quickstart cluster in a standalone network.
func adopting(t *testing.T) *clusterv1.Cluster {
	t.Helper()
	c := quickstart(t)
	c.Spec.Network.Kind = &clusterv1.ClusterNetwork_Existing{Existing: shared}
	return c
}

// standalone returns a ready standalone network with a change.
func standalone(change func(*networkv1.Network)) *networkv1.Network {
	n := &networkv1.Network{Name: shared, Etag: "7", Spec: &networkv1.NetworkSpec{
		Account: "organizations/demo/accounts/main", Region: "eu-central-1", Vpc: &networkv1.ManagedVpc{Cidr: "10.9.0.0/16"},
	}, Status: &networkv1.NetworkStatus{State: typev1.State_READY}}
	change(n)
	return n
}

var another = &typev1.ClusterReference{Name: "organizations/demo/clusters/rose", Uid: "roseuid111"}

func TestAClusterClaimsANetworkFirstAndReleasesItLast(t *testing.T) {
	t.Parallel()
	s, c, ledger := newSuite(), adopting(t), graph.NewMemory("test")
	before := standalone(func(*networkv1.Network) {})
	s.objects[shared] = before
	reconcile := func() graph.Report {
		return s.clients().Compose(c).Graph.Ensure(t.Context(), graph.Walk{Ledger: ledger, Resync: true})
	}
	require.NoError(t, reconcile().Err())
	claimed := s.objects[shared].(*networkv1.Network)
	require.Equal(t, "7", claimed.GetEtag(), "the claim is not a compare-and-swap")
	require.True(t, proto.Equal(&typev1.ClusterReference{Name: c.GetName(), Uid: c.GetUid(), Adopted: true}, claimed.GetSpec().GetCluster()))
	require.True(t, claimed.GetSpec().GetAccess().GetBastion())
	require.True(t, proto.Equal(before.GetSpec().GetVpc(), claimed.GetSpec().GetVpc()))
	require.NotContains(t, s.objects, "organizations/demo/networks/orchid")
	require.Len(t, s.objects, 7, "the components were not applied")

	walk := graph.Walk{Ledger: ledger, Factories: s.clients().Factories(c), Resync: true}
	require.NoError(t, walk.Delete(t.Context()).Err())
	require.NotNil(t, s.objects[shared].(*networkv1.Network).GetSpec().GetCluster(), "the network was released before its components were deleted")
	for range 3 {
		require.NoError(t, walk.Delete(t.Context()).Err())
	}
	require.True(t, proto.Equal(before, s.objects[shared]))
	require.Len(t, s.objects, 1)
}

func TestNothingIsBuiltInANetworkThatIsNotReady(t *testing.T) {
	t.Parallel()
	s, ledger := newSuite(), graph.NewMemory("test")
	s.objects[shared] = standalone(func(n *networkv1.Network) { n.Status.State = typev1.State_CREATING })
	for range 2 {
		report := s.clients().Compose(adopting(t)).Graph.Ensure(t.Context(), graph.Walk{Ledger: ledger, Resync: true})
		require.NoError(t, report.Err())
		require.False(t, report.Settled())
	}
	require.Nil(t, s.objects[shared].(*networkv1.Network).GetSpec().GetCluster())
	require.Len(t, s.objects, 1)
}

func TestAnUnusableNetworkIsABadFieldAndLaterAFault(t *testing.T) {
	t.Parallel()
	for title, test := range map[string]struct {
		network *networkv1.Network
		reason  string
	}{
		"it does not exist":                   {nil, "there is no network"},
		"another cluster owns it":             {standalone(func(n *networkv1.Network) { n.Spec.Cluster = another }), "is of organizations/demo/clusters/rose"},
		"it has leftovers of another cluster": {standalone(func(n *networkv1.Network) { n.Status.Tenant = &networkv1.Tenant{Cluster: another} }), "was adopted by organizations/demo/clusters/rose"},
		"it is being deleted":                 {standalone(func(n *networkv1.Network) { n.DeleteTime = timestamppb.Now() }), "is being deleted"},
		"it is in another account":            {standalone(func(n *networkv1.Network) { n.Spec.Account = "organizations/demo/accounts/other" }), "accounts/other"},
		"it is in another region":             {standalone(func(n *networkv1.Network) { n.Spec.Region = "eu-west-1" }), "eu-west-1"},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			s := newSuite()
			if test.network != nil {
				s.objects[shared] = test.network
			}
			composed := s.clients().Compose(adopting(t))
			err := composed.Check(t.Context())
			require.True(t, fault.Is(err, fault.Invalid), "%v", err)
			require.Len(t, fault.Of(err).Fields, 1)
			require.Equal(t, "spec.network.existing", fault.Of(err).Fields[0].Path)
			require.Contains(t, fault.Of(err).Fields[0].Message, test.reason)

			ledger := graph.NewMemory("test")
			composed.Graph.Ensure(t.Context(), graph.Walk{Ledger: ledger, Resync: true})
			report := s.clients().Compose(adopting(t)).Graph.Ensure(t.Context(), graph.Walk{Ledger: ledger, Resync: true})
			require.Equal(t, graph.Failed, report[0].Outcome)
			f := fault.Of(report[0].Err)
			require.Equal(t, fault.User, f.Actor())
			require.NotEmpty(t, f.Remedy)
			require.LessOrEqual(t, len(s.objects), 1, "a component was created")
		})
	}
}

func TestAnObjectOfAnotherOwnerIsNeitherUsedNorDeleted(t *testing.T) {
	t.Parallel()
	const name = "organizations/demo/networks/orchid"
	for title, cluster := range map[string]*typev1.ClusterReference{"it is standalone": nil, "another cluster owns it": another} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			s, ledger, c := newSuite(), graph.NewMemory("test"), quickstart(t)
			taken := standalone(func(n *networkv1.Network) { n.Name, n.Spec.Cluster = name, cluster })
			s.clients().Compose(c).Graph.Ensure(t.Context(), graph.Walk{Ledger: ledger})
			s.objects[name] = taken
			report := s.clients().Compose(c).Graph.Ensure(t.Context(), graph.Walk{Ledger: ledger, Resync: true})
			require.ErrorContains(t, report.Err(), "exists already")
			walk := graph.Walk{Ledger: ledger, Factories: s.clients().Factories(c), Resync: true}
			require.NoError(t, walk.Delete(t.Context()).Err())
			require.Equal(t, map[string]object.Object{name: taken}, s.objects)
		})
	}
}
