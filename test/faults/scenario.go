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
	"github.com/skep-dev/skep/test/scene"
)

// Scenario is a piece of the life of a cluster.
type Scenario struct {
	// Name names it in the names of runs.
	Name string
	// Before brings the scene to where the scenario begins; nil begins with nothing.
	Before func(t *testing.T, s *scene.Scene)
	// Act is the scenario, from the first request until what was asked for is there.
	Act func(t *testing.T, s *scene.Scene)
	// Gone says that nothing is left at the end.
	Gone bool
	// Kept says that what Before made outlives the cluster, as it was.
	Kept bool
}

// Scenarios are all scenarios.
var Scenarios = []*Scenario{
	{Name: "create", Act: func(t *testing.T, s *scene.Scene) {
		create(t, s)
		s.Until(t, scene.IsReady)
	}},
	{Name: "change", Before: settled, Act: func(t *testing.T, s *scene.Scene) {
		change(t, s, func(spec *clusterv1.ClusterSpec) {
			spec.ControlPlane.ApiCidrs = []string{"198.51.100.0/24", "203.0.113.0/24"}
			spec.Bastion.VpnCidrs = []string{"192.0.2.0/24"}
			spec.NodePools["workers"].MinSize = 4
			spec.NodePools["workers"].InstanceTypes = []string{"m6i.2xlarge", "m6i.xlarge"}
		})
	}},
	{Name: "scale", Before: settled, Act: func(t *testing.T, s *scene.Scene) {
		change(t, s, func(spec *clusterv1.ClusterSpec) {
			spec.NodePools["batch"] = &clusterv1.ClusterNodePool{InstanceTypes: []string{"c6i.large"}, MinSize: 1, MaxSize: 2}
		})
		change(t, s, func(spec *clusterv1.ClusterSpec) {
			delete(spec.NodePools, "workers")
		})
	}},
	{Name: "delete", Before: settled, Gone: true, Act: func(t *testing.T, s *scene.Scene) {
		remove(t, s)
		s.Until(t, scene.IsGone)
	}},
	{Name: "delete-during-create", Gone: true, Act: func(t *testing.T, s *scene.Scene) {
		create(t, s)
		time.Sleep(40 * time.Second)
		remove(t, s)
		s.Until(t, scene.IsGone)
	}},
	{Name: "re-create", Before: settled, Act: func(t *testing.T, s *scene.Scene) {
		remove(t, s)
		create(t, s)
		s.Until(t, scene.IsReady)
	}},
	{Name: "adopt", Before: alone, Kept: true, Act: func(t *testing.T, s *scene.Scene) {
		declare(t, s, adopting(t))
		s.Until(t, scene.IsReady)
	}},
	{Name: "give-back", Before: adopted, Act: func(t *testing.T, s *scene.Scene) {
		remove(t, s)
		s.Until(t, scene.IsGone)
		discard(t, s)
	}, Gone: true},
}

// settled is the quickstart cluster, ready.
func settled(t *testing.T, s *scene.Scene) {
	t.Helper()
	create(t, s)
	s.Until(t, scene.IsReady)
}

// shared is a network that is made by itself.
const shared = scene.Organization + "/networks/shared"

// alone is a network by itself, ready.
func alone(t *testing.T, s *scene.Scene) {
	t.Helper()
	networks := networkv1.NewNetworkServiceClient(s.Client(network.Name))
	_, err := networks.ApplyNetwork(s.Context, &networkv1.ApplyNetworkRequest{Network: &networkv1.Network{Name: shared, Spec: &networkv1.NetworkSpec{
		Account: scene.Account, Region: "eu-central-1", Vpc: &networkv1.ManagedVpc{},
	}}})
	require.NoError(t, err)
	stream, err := networks.WatchNetworks(s.Context, &networkv1.WatchNetworksRequest{Parent: scene.Organization})
	require.NoError(t, err)
	suite.Await(t, stream.Recv, func(m *networkv1.WatchNetworksResponse) bool {
		return m.GetNetwork().GetStatus().GetState() == typev1.State_READY
	})
}

// adopting is the quickstart cluster in the network that was made by itself.
func adopting(t *testing.T) *clusterv1.Cluster {
	t.Helper()
	c := scene.Quickstart(t)
	c.Spec.Network.Kind = &clusterv1.ClusterNetwork_Existing{Existing: shared}
	return c
}

// adopted is that cluster, ready.
func adopted(t *testing.T, s *scene.Scene) {
	t.Helper()
	alone(t, s)
	declare(t, s, adopting(t))
	s.Until(t, scene.IsReady)
}

// discard removes the network that was made by itself, and waits until it is gone.
func discard(t *testing.T, s *scene.Scene) {
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
	require.Fail(t, "the network did not go")
}

// request is the id of the requests to create, so that a repeat finds what was made.
const request = "6f7b54e4-1b0a-4b8e-9d0e-0d3e7b1f3c55"

// create declares the quickstart cluster, as soon as its name is free.
func create(t *testing.T, s *scene.Scene) {
	t.Helper()
	declare(t, s, scene.Quickstart(t))
}

// declare declares a cluster under the name of the quickstart, as soon as it is free.
func declare(t *testing.T, s *scene.Scene, cluster *clusterv1.Cluster) {
	t.Helper()
	insist(t, s, func() error {
		made, err := s.Clusters.CreateCluster(s.Context, &clusterv1.CreateClusterRequest{
			Parent: scene.Organization, ClusterId: scene.ClusterID, Cluster: proto.CloneOf(cluster), RequestId: request,
		})
		if err == nil && made.GetCluster().GetDeleteTime() != nil {
			// The one before, which is on its way out.
			return fault.Existsf("%s is being deleted", scene.ClusterName)
		}
		return err
	})
}

// remove asks for the cluster to be removed.
func remove(t *testing.T, s *scene.Scene) {
	t.Helper()
	insist(t, s, func() error {
		_, err := s.Clusters.DeleteCluster(s.Context, &clusterv1.DeleteClusterRequest{Name: scene.ClusterName, AllowMissing: true})
		return err
	})
}

// change changes the specification and waits until it is so.
func change(t *testing.T, s *scene.Scene, to func(*clusterv1.ClusterSpec)) {
	t.Helper()
	var generation int64
	insist(t, s, func() error {
		out, err := s.Clusters.GetCluster(s.Context, &clusterv1.GetClusterRequest{Name: scene.ClusterName})
		if err != nil {
			return err
		}
		cluster := proto.CloneOf(out.GetCluster())
		to(cluster.GetSpec())
		updated, err := s.Clusters.UpdateCluster(s.Context, &clusterv1.UpdateClusterRequest{Cluster: cluster})
		generation = updated.GetCluster().GetGeneration()
		return err
	})
	s.Until(t, func(m *clusterv1.WatchClustersResponse) bool {
		return m.GetCluster().GetStatus().GetObservedGeneration() >= generation && scene.IsReady(m)
	})
}

// insist repeats a request as a client does: until it is granted, or refused for
// a reason that will not go away.
func insist(t *testing.T, s *scene.Scene, ask func() error) {
	t.Helper()
	for {
		err := ask()
		if err == nil {
			return
		}
		passing := fault.Is(err, fault.Unavailable) || fault.Is(err, fault.Conflict) || fault.Is(err, fault.Exists)
		require.True(t, passing, "%v", err)
		require.NoError(t, s.Context.Err(), "%v", err)
		time.Sleep(time.Second)
	}
}
