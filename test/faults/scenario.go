package faults

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/sim/suite"
	"github.com/skep-dev/skep/services/network"
	"github.com/skep-dev/skep/test/clustertest"
)

// Scenario is one part of the life of a cluster.
type Scenario struct {
	// Name is the first word of the names of its runs.
	Name string
	// Before creates the initial state; nil means an empty account.
	Before func(t *testing.T, s *clustertest.Suite)
	// Act is the scenario, from the first request until the requested state is reached.
	Act func(t *testing.T, s *clustertest.Suite)
	// Deleted means that the scenario ends with AWS as before the scenario.
	Deleted bool
	// KeepsBefore means that the resources of Before outlive the cluster unchanged.
	KeepsBefore bool
}

// Scenarios are all scenarios.
var Scenarios = []*Scenario{
	{Name: "create", Act: func(t *testing.T, s *clustertest.Suite) {
		create(t, s)
		s.WaitUntil(t, clustertest.IsReady)
	}},
	{Name: "change", Before: settled, Act: func(t *testing.T, s *clustertest.Suite) {
		change(t, s, func(spec *clusterv1.ClusterSpec) {
			spec.ControlPlane.ApiCidrs = []string{"198.51.100.0/24", "203.0.113.0/24"}
			spec.Bastion.VpnCidrs = []string{"192.0.2.0/24"}
			spec.NodePools["workers"].MinSize = 4
			spec.NodePools["workers"].InstanceTypes = []string{"m6i.2xlarge", "m6i.xlarge"}
		})
	}},
	{Name: "scale", Before: settled, Act: func(t *testing.T, s *clustertest.Suite) {
		change(t, s, func(spec *clusterv1.ClusterSpec) {
			spec.NodePools["batch"] = &clusterv1.ClusterNodePool{InstanceTypes: []string{"c6i.large"}, MinSize: 1, MaxSize: 2}
		})
		change(t, s, func(spec *clusterv1.ClusterSpec) {
			delete(spec.NodePools, "workers")
		})
	}},
	{Name: "delete", Before: settled, Deleted: true, Act: func(t *testing.T, s *clustertest.Suite) {
		remove(t, s)
		s.WaitUntil(t, clustertest.IsDeleted)
	}},
	{Name: "delete-during-create", Deleted: true, Act: func(t *testing.T, s *clustertest.Suite) {
		create(t, s)
		time.Sleep(40 * time.Second)
		remove(t, s)
		s.WaitUntil(t, clustertest.IsDeleted)
	}},
	{Name: "re-create", Before: settled, Act: func(t *testing.T, s *clustertest.Suite) {
		remove(t, s)
		create(t, s)
		s.WaitUntil(t, clustertest.IsReady)
	}},
	{Name: "adopt", Before: standalone, KeepsBefore: true, Act: func(t *testing.T, s *clustertest.Suite) {
		declare(t, s, adopting(t))
		s.WaitUntil(t, clustertest.IsReady)
	}},
	{Name: "release", Before: adopted, Act: func(t *testing.T, s *clustertest.Suite) {
		remove(t, s)
		s.WaitUntil(t, clustertest.IsDeleted)
		discard(t, s)
	}, Deleted: true},
}

// settled creates the quickstart cluster and waits until it is ready.
func settled(t *testing.T, s *clustertest.Suite) {
	t.Helper()
	create(t, s)
	s.WaitUntil(t, clustertest.IsReady)
}

// shared is the name of the standalone network.
const shared = clustertest.Organization + "/networks/shared"

// standalone creates the standalone network and waits until it is ready.
func standalone(t *testing.T, s *clustertest.Suite) {
	t.Helper()
	networks := networkv1.NewNetworkServiceClient(s.Client(network.Name))
	_, err := networks.ApplyNetwork(s.Context, &networkv1.ApplyNetworkRequest{Network: &networkv1.Network{Name: shared, Spec: &networkv1.NetworkSpec{
		Account: clustertest.Account, Region: "eu-central-1", Vpc: &networkv1.ManagedVpc{},
	}}})
	require.NoError(t, err)
	stream, err := networks.WatchNetworks(s.Context, &networkv1.WatchNetworksRequest{Parent: clustertest.Organization})
	require.NoError(t, err)
	suite.Await(t, stream.Recv, func(m *networkv1.WatchNetworksResponse) bool {
		return m.GetNetwork().GetStatus().GetState() == typev1.State_READY
	})
}

// adopting returns the quickstart cluster with the standalone network.
func adopting(t *testing.T) *clusterv1.Cluster {
	t.Helper()
	c := clustertest.Quickstart(t)
	c.Spec.Network.Kind = &clusterv1.ClusterNetwork_Existing{Existing: shared}
	return c
}

// adopted creates the cluster with the standalone network and waits until it is ready.
func adopted(t *testing.T, s *clustertest.Suite) {
	t.Helper()
	standalone(t, s)
	declare(t, s, adopting(t))
	s.WaitUntil(t, clustertest.IsReady)
}

// discard deletes the standalone network and waits until it is deleted.
func discard(t *testing.T, s *clustertest.Suite) {
	t.Helper()
	networks := networkv1.NewNetworkServiceClient(s.Client(network.Name))
	insist(t, s, func() error {
		_, err := networks.DeleteNetwork(s.Context, &networkv1.DeleteNetworkRequest{Name: shared, AllowMissing: true})
		return err
	})
	for s.Context.Err() == nil {
		if _, err := networks.GetNetwork(s.Context, &networkv1.GetNetworkRequest{Name: shared}); fault.Is(err, fault.NotFound) {
			return
		}
		time.Sleep(time.Second)
	}
	require.Fail(t, "the network was not deleted")
}

// request is the id of the create requests, so that a repeat returns the cluster that the first created.
const request = "6f7b54e4-1b0a-4b8e-9d0e-0d3e7b1f3c55"

// create creates the quickstart cluster as soon as its name is free.
func create(t *testing.T, s *clustertest.Suite) {
	t.Helper()
	declare(t, s, clustertest.Quickstart(t))
}

// declare creates a cluster under the name of the quickstart as soon as the name is free.
func declare(t *testing.T, s *clustertest.Suite, cluster *clusterv1.Cluster) {
	t.Helper()
	insist(t, s, func() error {
		created, err := s.Clusters.CreateCluster(s.Context, &clusterv1.CreateClusterRequest{
			Parent: clustertest.Organization, ClusterId: clustertest.ClusterID, Cluster: proto.CloneOf(cluster), RequestId: request,
		})
		if err == nil && created.GetCluster().GetDeleteTime() != nil {
			// The answer is the previous cluster, which is being deleted.
			return fault.Existsf("%s is being deleted", clustertest.ClusterName)
		}
		return err
	})
}

// remove requests the deletion of the cluster.
func remove(t *testing.T, s *clustertest.Suite) {
	t.Helper()
	insist(t, s, func() error {
		_, err := s.Clusters.DeleteCluster(s.Context, &clusterv1.DeleteClusterRequest{Name: clustertest.ClusterName, AllowMissing: true})
		return err
	})
}

// change changes the spec and waits until the cluster is ready with it.
func change(t *testing.T, s *clustertest.Suite, to func(*clusterv1.ClusterSpec)) {
	t.Helper()
	var generation int64
	insist(t, s, func() error {
		out, err := s.Clusters.GetCluster(s.Context, &clusterv1.GetClusterRequest{Name: clustertest.ClusterName})
		if err != nil {
			return err
		}
		cluster := proto.CloneOf(out.GetCluster())
		to(cluster.GetSpec())
		updated, err := s.Clusters.UpdateCluster(s.Context, &clusterv1.UpdateClusterRequest{Cluster: cluster})
		generation = updated.GetCluster().GetGeneration()
		return err
	})
	s.WaitUntil(t, func(m *clusterv1.WatchClustersResponse) bool {
		return m.GetCluster().GetStatus().GetObservedGeneration() >= generation && clustertest.IsReady(m)
	})
}

// insist repeats a request while its error is transient, as a client does. Another error
// fails the test.
func insist(t *testing.T, s *clustertest.Suite, send func() error) {
	t.Helper()
	for {
		err := send()
		if err == nil {
			return
		}
		transient := fault.Is(err, fault.Unavailable) || fault.Is(err, fault.Conflict) || fault.Is(err, fault.Exists)
		require.True(t, transient, "%v", err)
		require.NoError(t, s.Context.Err(), "%v", err)
		time.Sleep(time.Second)
	}
}
