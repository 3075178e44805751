package lifecycle_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/test/clustertest"
)

func TestAClusterIsCreatedStaysUnchangedAndIsDeleted(t *testing.T) {
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		began := time.Now()
		s.Create(t)
		ready := s.WaitUntil(t, clustertest.IsReady)
		t.Logf("READY after %s, %d resources, %d mutating calls, %d calls", time.Since(began), len(ready.GetStatus().GetResources()),
			len(s.AWS.Mutations()), len(s.AWS.Calls()))
		require.Equal(t, "https://api.quickstart.demo.example.test", ready.GetStatus().GetApiUrl())
		require.Len(t, ready.GetStatus().GetEgressAddresses(), 3)
		for _, item := range ready.GetStatus().GetResources() {
			require.Equal(t, typev1.InventoryItem_READY, item.GetState(), item.GetName())
		}
		staysUnchanged(t, s)

		s.Delete(t)
		s.WaitUntil(t, clustertest.IsDeleted)
		isEmpty(t, s)
		require.Zero(t, s.AWS.Throttles())
		for _, call := range s.AWS.Mutations() {
			require.Empty(t, call.Code, "AWS refused %s", call.Operation)
		}
	})
}

// staysUnchanged requires that two resyncs of a settled cluster make no mutating call.
func staysUnchanged(t *testing.T, s *clustertest.Suite) {
	t.Helper()
	mutations := s.AWS.Mutations()
	// The resync period is ten minutes.
	time.Sleep(25 * time.Minute)
	later := s.AWS.Mutations()
	if len(later) > len(mutations) {
		require.Fail(t, "a settled cluster was changed", "%v", later[len(mutations):])
	}
}

// isEmpty requires that AWS is as before the cluster.
func isEmpty(t *testing.T, s *clustertest.Suite) {
	t.Helper()
	require.Equal(t, s.Baseline, s.AWS.String())
}

func TestADeleteDuringTheCreateLeavesNoResource(t *testing.T) {
	for _, after := range []time.Duration{0, time.Second, 5 * time.Second, 30 * time.Second, 100 * time.Second, 150 * time.Second} {
		t.Run("after "+after.String(), func(t *testing.T) {
			clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
				s.Create(t)
				time.Sleep(after)
				s.Delete(t)
				s.WaitUntil(t, clustertest.IsDeleted)
				isEmpty(t, s)
			})
		})
	}
}

func TestTwoReplicasOfEveryServiceCreateOneCluster(t *testing.T) {
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		for _, name := range names {
			s.Start(name)
		}
		s.Create(t)
		s.WaitUntil(t, clustertest.IsReady)
		staysUnchanged(t, s)
		require.Empty(t, duplicates(s))
		s.Delete(t)
		s.WaitUntil(t, clustertest.IsDeleted)
		isEmpty(t, s)
	})
}

func TestARepeatedRequestIDCreatesOneCluster(t *testing.T) {
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		request := &clusterv1.CreateClusterRequest{
			Parent: clustertest.Organization, ClusterId: clustertest.ClusterID, Cluster: clustertest.Quickstart(t), RequestId: "6f7b54e4-1b0a-4b8e-9d0e-0d3e7b1f3c55",
		}
		first, err := s.Clusters.CreateCluster(s.Context, request)
		require.NoError(t, err)
		again, err := s.Clusters.CreateCluster(s.Context, request)
		require.NoError(t, err)
		require.Equal(t, first.GetCluster().GetUid(), again.GetCluster().GetUid())
	})
}

func TestANodePoolIsScaledAndAnotherIsAddedAndDeleted(t *testing.T) {
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		s.Create(t)
		cluster := s.WaitUntil(t, clustertest.IsReady)

		cluster.Spec.NodePools["workers"].MaxSize = 9
		cluster.Spec.NodePools["batch"] = &clusterv1.ClusterNodePool{InstanceTypes: []string{"c6i.large"}, MinSize: 1, MaxSize: 2}
		update(t, s, cluster)
		cluster = s.WaitUntil(t, clustertest.IsReady)
		require.Contains(t, s.AWS.String(), "-batch")

		delete(cluster.Spec.NodePools, "batch")
		update(t, s, cluster)
		s.WaitUntil(t, clustertest.IsReady)
		require.NotContains(t, s.AWS.String(), "-batch")
		staysUnchanged(t, s)
	})
}

// update changes the cluster and waits until the status shows its generation.
func update(t *testing.T, s *clustertest.Suite, cluster *clusterv1.Cluster) {
	t.Helper()
	cluster.Etag = ""
	out, err := s.Clusters.UpdateCluster(s.Context, &clusterv1.UpdateClusterRequest{Cluster: cluster})
	require.NoError(t, err)
	generation := out.GetCluster().GetGeneration()
	s.WaitUntil(t, func(m *clusterv1.WatchClustersResponse) bool {
		return m.GetCluster().GetStatus().GetObservedGeneration() == generation
	})
}
