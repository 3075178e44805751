// Package loss loses the state store in every way: stopped and started, set back
// to a copy, with replicas that ran meanwhile or with new ones that know nothing,
// and lost whole. Nothing in AWS may be deleted or made twice because of it, and
// the operator is told.
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
	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/test/clustertest"
)

// declare declares the later cluster.
func declare(t *testing.T, s *clustertest.Suite) error {
	t.Helper()
	_, err := s.Clusters.CreateCluster(s.Context, &clusterv1.CreateClusterRequest{
		Parent: clustertest.Organization, ClusterId: "later", Cluster: clustertest.Quickstart(t),
	})
	return err
}

// alive are the things of Skep that live in AWS, as kind, id and when they were made.
func alive(s *clustertest.Suite) []string {
	var things []string
	for _, e := range s.AWS.Ledger() {
		if e.DeletedAt.IsZero() && strings.HasPrefix(e.CreatedBy, "skep-") {
			things = append(things, e.Kind+" "+e.ID+" "+e.Tags["skep.dev/resource"])
		}
	}
	slices.Sort(things)
	return things
}

// twins are the things of one cluster that live in AWS more than once.
func twins(s *clustertest.Suite) []string {
	seen := make(map[string]bool)
	var found []string
	for _, e := range s.AWS.Ledger() {
		resource := e.Tags["skep.dev/resource"]
		// An auto scaling group makes as many nodes as it likes.
		if resource == "" || !e.DeletedAt.IsZero() || strings.HasPrefix(resource, "nodePools/") && (strings.HasSuffix(resource, "/node") || strings.HasSuffix(resource, "/root-volume")) {
			continue
		}
		thing := e.Kind + " " + e.Tags["skep.dev/cluster"] + " " + resource
		if seen[thing] {
			found = append(found, thing)
		}
		seen[thing] = true
	}
	return found
}

// deletes are the calls since the last ForgetCalls that took something away.
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

// accept is what an operator does who takes the state as it is.
func accept(t *testing.T, s *clustertest.Suite) {
	t.Helper()
	require.NoError(t, bus.Accept(s.Context, s.ConnectAdmin(), bus.Suite()))
}

func TestAStoreThatIsRestartedAgainAndAgainMakesOneCluster(t *testing.T) {
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		s.Create(t)
		for range 10 {
			time.Sleep(9 * time.Second)
			s.RestartStore()
		}
		s.WaitUntil(t, clustertest.IsReady)
		require.Empty(t, twins(s))
		s.Delete(t)
		time.Sleep(20 * time.Second)
		s.RestartStore()
		s.WaitUntil(t, clustertest.IsDeleted)
		require.Equal(t, s.Baseline, s.AWS.String())
	})
}

func TestReplicasThatSeeTheStoreGoBackChangeNothingUntilItIsAccepted(t *testing.T) {
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		s.Create(t)
		s.WaitUntil(t, clustertest.IsReady)
		first := alive(s)
		snapshot := s.Snapshot()
		require.NoError(t, declare(t, s))
		time.Sleep(5 * time.Minute)
		before := alive(s)
		require.Contains(t, strings.Join(before, "\n"), "networks/later/")
		s.AWS.ForgetCalls()

		s.Rollback(snapshot)
		time.Sleep(12 * time.Minute)
		require.Empty(t, s.AWS.Mutations())
		for _, name := range []string{"network", "compute", "ingress", "identity", "bastion", "gateway"} {
			for _, replica := range s.Running(name) {
				require.ErrorContains(t, replica.RolledBack(), "went back", name)
			}
		}
		err := declare(t, s)
		require.True(t, fault.Is(err, fault.Precondition), "%v", err)
		require.ErrorContains(t, err, "went back")

		accept(t, s)
		time.Sleep(12 * time.Minute)
		require.Equal(t, before, alive(s), "what was made since is known to nobody, and stays")
		require.Empty(t, s.AWS.Mutations())
		s.Delete(t)
		s.WaitUntil(t, clustertest.IsDeleted)
		left := slices.DeleteFunc(before, func(thing string) bool { return slices.Contains(first, thing) })
		require.Equal(t, left, alive(s))
	})
}

func TestNewReplicasThatRememberMoreThanTheStoreChangeNothing(t *testing.T) {
	clustertest.Run(t, clustertest.Options{HighWaterMark: t.TempDir()}, func(t *testing.T, s *clustertest.Suite) {
		s.Create(t)
		time.Sleep(20 * time.Second)
		snapshot := s.Snapshot()
		s.WaitUntil(t, clustertest.IsReady)
		time.Sleep(time.Minute)
		s.KillAll()
		before := alive(s)
		s.AWS.ForgetCalls()

		s.Rollback(snapshot)
		s.StartAll()
		time.Sleep(12 * time.Minute)
		require.Empty(t, s.AWS.Mutations())

		s.KillAll()
		s.StartAll()
		time.Sleep(time.Minute)
		require.Empty(t, s.AWS.Mutations(), "a restart makes nobody forget it")

		accept(t, s)
		s.WaitUntil(t, clustertest.IsReady)
		require.Equal(t, before, alive(s))
		require.Empty(t, twins(s))
		require.Empty(t, deletes(s))
	})
}

// Nobody remembers that there was more: what was made since is found by its token.
func TestAStoreThatWentBackUnseenMakesNothingTwice(t *testing.T) {
	for _, after := range []time.Duration{0, 500 * time.Millisecond, 2 * time.Second, 10 * time.Second, time.Minute, 150 * time.Second} {
		t.Run("copied "+after.String()+" after the create", func(t *testing.T) {
			clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
				s.Create(t)
				time.Sleep(after)
				snapshot := s.Snapshot()
				s.WaitUntil(t, clustertest.IsReady)
				s.KillAll()
				before := alive(s)
				s.AWS.ForgetCalls()
				goesBack(t, s, snapshot, before)
			})
		})
	}
}

// goesBack sets the store back to a copy, and proves that nothing is made twice or
// deleted, and that nothing is left of the cluster when it is removed.
func goesBack(t *testing.T, s *clustertest.Suite, snapshot string, before []string) {
	t.Helper()
	s.Rollback(snapshot)
	s.StartAll()
	s.WaitUntil(t, clustertest.IsReady)
	require.Equal(t, before, alive(s))
	require.Empty(t, twins(s))
	require.Empty(t, deletes(s))

	s.Delete(t)
	s.WaitUntil(t, clustertest.IsDeleted)
	require.Equal(t, s.Baseline, s.AWS.String())
}

// Of a cluster whose parts were not declared yet nothing is left but its name and uid:
// its parts are declared anew, under other uids, and find what they made by its tags
// or its name.
func TestAStoreThatWentBackBehindThePartsOfAClusterMakesNothingTwice(t *testing.T) {
	var declares atomic.Bool
	undeclared := func(_, key string, _ bool) error {
		if strings.HasSuffix(key, "/"+clustertest.ClusterID) && !strings.HasPrefix(key, "clusters/") && !declares.Load() {
			return store.ErrUnavailable
		}
		return nil
	}
	clustertest.Run(t, clustertest.Options{Fault: undeclared}, func(t *testing.T, s *clustertest.Suite) {
		s.Create(t)
		time.Sleep(time.Second)
		snapshot := s.Snapshot()
		declares.Store(true)
		s.WaitUntil(t, clustertest.IsReady)
		s.KillAll()
		before := alive(s)
		time.Sleep(time.Minute)
		s.AWS.ForgetCalls()
		goesBack(t, s, snapshot, before)
	})
}

// The record of a cluster that is being deleted comes back, and another of its
// name lives by now.
func TestADeletionThatComesBackLeavesTheNextClusterOfTheNameAlone(t *testing.T) {
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
		before, picture := alive(s), s.AWS.String()

		s.Rollback(snapshot)
		s.StartAll()
		s.WaitUntil(t, clustertest.IsDeleted)
		require.Equal(t, before, alive(s))
		require.Equal(t, picture, s.AWS.String())
	})
}

// A cluster of the same name may be declared in the new installation: it is
// another, in which what the old one has is foreign.
func TestAStoreThatIsLostWholeIsANewInstallationThatTouchesNothingOfTheOld(t *testing.T) {
	clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
		s.Create(t)
		s.WaitUntil(t, clustertest.IsReady)
		s.KillAll()
		before := alive(s)
		s.AWS.ForgetCalls()

		s.ReplaceInstallation(t, "other")
		s.Create(t)
		time.Sleep(15 * time.Minute)
		for _, thing := range before {
			require.Contains(t, alive(s), thing)
		}
		require.Empty(t, twins(s))
		out, err := s.Clusters.GetCluster(s.Context, &clusterv1.GetClusterRequest{Name: clustertest.ClusterName})
		require.NoError(t, err)
		require.Contains(t, out.GetCluster().String(), "delegates quickstart.demo.example.test to", "the name that is taken is told")

		s.Delete(t)
		s.WaitUntil(t, clustertest.IsDeleted)
		require.Equal(t, before, alive(s))
	})
}
