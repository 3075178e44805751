// Package loss_test restarts the state store, rolls it back under running and new
// replicas, restores backups of it and loses it. No resource in AWS may be deleted or
// created twice because of that, and the operator gets an error that says what to do.
package loss_test

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/platform/topology"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/test/clustertest"
)

// declare creates a second cluster, later.
func declare(t *testing.T, s *clustertest.Suite) error {
	t.Helper()
	_, err := s.Clusters.CreateCluster(s.Context, &clusterv1.CreateClusterRequest{
		Parent: clustertest.Organization, ClusterId: "later", Cluster: clustertest.Quickstart(t),
	})
	return err
}

// alive lists the existing resources of Skep in AWS, with type, id and name.
func alive(s *clustertest.Suite) []string {
	var resources []string
	for _, e := range s.AWS.Ledger() {
		if e.DeletedAt.IsZero() && strings.HasPrefix(e.CreatedBy, "skep-") {
			resources = append(resources, e.Kind+" "+e.ID+" "+e.Tags["skep.dev/resource"])
		}
	}
	slices.Sort(resources)
	return resources
}

// duplicates lists the resources of one cluster that exist in AWS more than once.
func duplicates(s *clustertest.Suite) []string {
	seen := make(map[string]bool)
	var found []string
	for _, e := range s.AWS.Ledger() {
		resource := e.Tags["skep.dev/resource"]
		// An auto scaling group creates any number of nodes.
		if resource == "" || !e.DeletedAt.IsZero() || strings.HasPrefix(resource, "nodePools/") && (strings.HasSuffix(resource, "/node") || strings.HasSuffix(resource, "/root-volume")) {
			continue
		}
		key := e.Kind + " " + e.Tags["skep.dev/cluster"] + " " + resource
		if seen[key] {
			found = append(found, key)
		}
		seen[key] = true
	}
	return found
}

// deletes returns the calls since the last ResetCalls that delete or detach a resource.
func deletes(s *clustertest.Suite) []awssim.Call {
	return slices.DeleteFunc(s.AWS.Mutations(), func(c awssim.Call) bool {
		for _, verb := range []string{"Delete", "Terminate", "Release", "Detach", "Disassociate", "Remove", "Revoke", "Deregister"} {
			if strings.HasPrefix(c.Operation, verb) {
				return false
			}
		}
		return true
	})
}

// accept accepts the state of the store as the operator does.
func accept(t *testing.T, s *clustertest.Suite) {
	t.Helper()
	require.NoError(t, bus.Accept(s.Context, s.ConnectAdmin(), topology.Suite()))
}

func TestRepeatedRestartsOfTheStoreCreateOneCluster(t *testing.T) {
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		s.Create(t)
		for range 10 {
			time.Sleep(9 * time.Second)
			s.RestartStore()
		}
		s.WaitUntil(t, clustertest.IsReady)
		require.Empty(t, duplicates(s))
		s.Delete(t)
		time.Sleep(20 * time.Second)
		s.RestartStore()
		s.WaitUntil(t, clustertest.IsDeleted)
		require.Equal(t, s.Baseline, s.AWS.String())
	})
}

func TestARollbackUnderRunningReplicasStopsAllChanges(t *testing.T) {
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		s.Create(t)
		s.WaitUntil(t, clustertest.IsReady)
		first := alive(s)
		snapshot := s.Snapshot()
		require.NoError(t, declare(t, s))
		time.Sleep(5 * time.Minute)
		before := alive(s)
		require.Contains(t, strings.Join(before, "\n"), "networks/later/")
		s.AWS.ResetCalls()

		s.Rollback(snapshot)
		time.Sleep(12 * time.Minute)
		require.Empty(t, s.AWS.Mutations())
		for _, name := range []string{"network", "compute", "ingress", "identity", "bastion", "gateway"} {
			for _, replica := range s.Running(name) {
				require.ErrorContains(t, replica.RolledBack(), "rolled back", name)
			}
		}
		err := declare(t, s)
		require.True(t, fault.Is(err, fault.Precondition), "%v", err)
		require.ErrorContains(t, err, "rolled back")

		accept(t, s)
		time.Sleep(12 * time.Minute)
		require.Equal(t, before, alive(s), "resources created after the snapshot have no record, and remain")
		require.Empty(t, s.AWS.Mutations())
		s.Delete(t)
		s.WaitUntil(t, clustertest.IsDeleted)
		unrecorded := slices.DeleteFunc(before, func(resource string) bool { return slices.Contains(first, resource) })
		require.Equal(t, unrecorded, alive(s))
	})
}

func TestTheHighWaterMarkRevealsARollbackToNewReplicas(t *testing.T) {
	clustertest.Run(t, clustertest.Options{HighWaterMark: t.TempDir()}, func(t *testing.T, s *clustertest.Suite) {
		s.Create(t)
		time.Sleep(20 * time.Second)
		snapshot := s.Snapshot()
		s.WaitUntil(t, clustertest.IsReady)
		time.Sleep(time.Minute)
		s.KillAll()
		before := alive(s)
		s.AWS.ResetCalls()

		s.Rollback(snapshot)
		s.StartAll()
		time.Sleep(12 * time.Minute)
		require.Empty(t, s.AWS.Mutations())

		s.KillAll()
		s.StartAll()
		time.Sleep(time.Minute)
		require.Empty(t, s.AWS.Mutations(), "the rollback was forgotten after a restart")

		accept(t, s)
		s.WaitUntil(t, clustertest.IsReady)
		require.Equal(t, before, alive(s))
		require.Empty(t, duplicates(s))
		require.Empty(t, deletes(s))
	})
}

// No replica has a high-water mark: it finds the resources created after the snapshot by
// their tokens.
func TestAnUnnoticedRollbackCreatesNoResourceTwice(t *testing.T) {
	for _, after := range []time.Duration{0, 500 * time.Millisecond, 2 * time.Second, 10 * time.Second, time.Minute, 150 * time.Second} {
		t.Run("copied "+after.String()+" after the create", func(t *testing.T) {
			clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
				s.Create(t)
				time.Sleep(after)
				snapshot := s.Snapshot()
				s.WaitUntil(t, clustertest.IsReady)
				s.KillAll()
				before := alive(s)
				s.AWS.ResetCalls()
				rollBack(t, s, snapshot, before)
			})
		})
	}
}

// rollBack rolls the store back to the snapshot. It requires that no resource is created
// twice or deleted, and that a delete of the cluster leaves no resource.
func rollBack(t *testing.T, s *clustertest.Suite, snapshot string, before []string) {
	t.Helper()
	s.Rollback(snapshot)
	s.StartAll()
	s.WaitUntil(t, clustertest.IsReady)
	require.Equal(t, before, alive(s))
	require.Empty(t, duplicates(s))
	require.Empty(t, deletes(s))

	s.Delete(t)
	s.WaitUntil(t, clustertest.IsDeleted)
	require.Equal(t, s.Baseline, s.AWS.String())
}

// The snapshot holds a cluster without its components, only with its name and uid. The
// gateway creates the components again, under other uids, and they adopt their resources by
// tags or names.
func TestARollbackBeforeTheComponentsCreatesNothingTwice(t *testing.T) {
	var available atomic.Bool
	componentsFail := func(_, key string, _ bool) error {
		if strings.HasSuffix(key, "/"+clustertest.ClusterID) && !strings.HasPrefix(key, "clusters/") && !available.Load() {
			return store.ErrUnavailable
		}
		return nil
	}
	clustertest.Run(t, clustertest.Options{Fault: componentsFail}, func(t *testing.T, s *clustertest.Suite) {
		s.Create(t)
		time.Sleep(time.Second)
		snapshot := s.Snapshot()
		available.Store(true)
		s.WaitUntil(t, clustertest.IsReady)
		s.KillAll()
		before := alive(s)
		time.Sleep(time.Minute)
		s.AWS.ResetCalls()
		rollBack(t, s, snapshot, before)
	})
}

// The rollback restores the record of a cluster that is being deleted, after a later
// cluster with its name was created.
func TestARestoredDeletionDoesNotChangeTheNextCluster(t *testing.T) {
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		s.Create(t)
		s.WaitUntil(t, clustertest.IsReady)
		s.Delete(t)
		time.Sleep(10 * time.Second)
		snapshot := s.Snapshot()
		s.WaitUntil(t, clustertest.IsDeleted)
		s.Create(t)
		s.WaitUntil(t, clustertest.IsReady)
		s.KillAll()
		before, content := alive(s), s.AWS.String()

		s.Rollback(snapshot)
		s.StartAll()
		s.WaitUntil(t, clustertest.IsDeleted)
		require.Equal(t, before, alive(s))
		require.Equal(t, content, s.AWS.String())
	})
}

// A cluster of the same name in the new installation is another cluster: the resources of
// the old one are foreign to it.
func TestALostStoreIsANewInstallationThatChangesNoOldOne(t *testing.T) {
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		s.Create(t)
		s.WaitUntil(t, clustertest.IsReady)
		s.KillAll()
		before := alive(s)
		s.AWS.ResetCalls()

		s.ReplaceInstallation(t, "other")
		s.Create(t)
		time.Sleep(15 * time.Minute)
		for _, resource := range before {
			require.Contains(t, alive(s), resource)
		}
		require.Empty(t, duplicates(s))
		out, err := s.Clusters.GetCluster(s.Context, &clusterv1.GetClusterRequest{Name: clustertest.ClusterName})
		require.NoError(t, err)
		require.Contains(t, out.GetCluster().String(), "delegates quickstart.demo.example.test to", "the status names the record that takes the name")

		s.Delete(t)
		s.WaitUntil(t, clustertest.IsDeleted)
		require.Equal(t, before, alive(s))
	})
}
