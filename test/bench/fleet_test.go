package bench_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/cli/critical"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/test/bench"
	"github.com/skep-dev/skep/test/clustertest"
)

// testFleet is the number of concurrent creates in a plain test, enough to drain a token bucket.
const testFleet = 10

// TestFleet measures many concurrent creates in one account and region against the bound of
// the token buckets of AWS, and then the reads of the clusters at rest.
func TestFleet(t *testing.T) {
	clustertest.Run(t, clustertest.Options{AWS: awssim.Options{Quotas: raised}, ResyncPeriod: resyncPeriod}, func(t *testing.T, s *clustertest.Suite) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(s.Context), 100*time.Hour)
		defer cancel()
		n := size(testFleet)
		plan := planned(t, s)
		one := mutationsOfOne(t, s)
		least := boundOf(n, critical.Steps(plan), critical.Of(plan), one)

		s.AWS.ResetCalls()
		began := time.Now()
		createAll(ctx, t, s, n)
		makespan := time.Since(began)
		mutations := len(s.AWS.Mutations())
		ratio := makespan.Seconds() / least.Length.Seconds()
		note(t, bench.Figure{Name: fmt.Sprintf("%d concurrent creates ÷ the token-bucket bound", n), Value: ratio, Limit: bench.Limit(1), Target: bench.AtMost(1.10),
			Peer:   "CAPA is throttled from 20 clusters on (its issue 1275)",
			Detail: fmt.Sprintf("%s ÷ %s, determined by %s", makespan.Round(time.Second), least.Length.Round(time.Second), least.name())})
		note(t, bench.Figure{Name: "throttled calls", Value: float64(s.AWS.Throttles()), Limit: bench.Limit(0), Target: bench.AtMost(0), Detail: fmt.Sprint(s.AWS.CountThrottles())})
		note(t, bench.Figure{Name: "mutating calls ÷ those of the same clusters one by one", Value: float64(mutations) / float64(n*len(one)),
			Limit: bench.Limit(1), Target: bench.AtMost(1), Detail: fmt.Sprintf("%d ÷ %d × %d", mutations, n, len(one))})
		note(t, bench.Figure{Name: "reads until READY per cluster", Value: float64(len(s.AWS.Calls())-mutations) / float64(n), Unit: "calls"})
		t.Logf("\n%s\n", callTable(s.AWS.CountCalls()))
		if *measured != "" {
			atRest(t, s, n+1)
		}
		writeHeap(t)
		require.Zero(t, s.AWS.Throttles())
	})
}

func (b bound) name() string {
	if b.Bucket == "" {
		return "the critical path of one cluster"
	}
	return b.Bucket
}

// resyncPeriod is the resync interval of the test; defaultResyncPeriod is the default of the
// services. A resync costs the same calls in both.
const (
	resyncPeriod        = time.Hour
	defaultResyncPeriod = 48 * time.Hour
)

// atRest measures the calls of settled clusters in one resync interval: one resync and its
// inventory audits.
func atRest(t *testing.T, s *clustertest.Suite, n int) {
	t.Helper()
	time.Sleep(settling)
	s.AWS.ResetCalls()
	time.Sleep(resyncPeriod)
	mutations := len(s.AWS.Mutations())
	reads := len(s.AWS.Calls()) - mutations
	note(t, bench.Figure{Name: fmt.Sprintf("reads per cluster-hour at rest, %d clusters", n), Value: float64(reads) / float64(n) / defaultResyncPeriod.Hours(),
		Unit: "calls", Limit: bench.Limit(0), Target: bench.AtMost(2),
		Peer: "318 (CAPA, measured over moto)", Detail: fmt.Sprintf("%d calls in one resync interval, by default %s", reads, defaultResyncPeriod)})
	note(t, bench.Figure{Name: "mutating calls at rest", Value: float64(mutations), Limit: bench.Limit(0), Target: bench.AtMost(0)})
	t.Logf("\n%s\n", callTable(s.AWS.CountCalls()))
}

// settling is the time after the last cluster is ready until the token buckets are full
// again and all reconciliations are done.
const settling = 10 * time.Minute

// mutationsOfOne creates one cluster and returns its mutating calls.
func mutationsOfOne(t *testing.T, s *clustertest.Suite) []awssim.Call {
	t.Helper()
	s.AWS.ResetCalls()
	s.Create(t)
	s.WaitUntil(t, clustertest.IsReady)
	calls := s.AWS.Mutations()
	time.Sleep(settling)
	return calls
}

// createAll creates n clusters concurrently and returns when all are ready.
func createAll(ctx context.Context, t *testing.T, s *clustertest.Suite, n int) {
	t.Helper()
	stream, err := s.Clusters.WatchClusters(ctx, &clusterv1.WatchClustersRequest{Parent: clustertest.Organization})
	require.NoError(t, err)
	refused := make(chan error, n)
	for i := range n {
		go func() {
			_, err := s.Clusters.CreateCluster(ctx, &clusterv1.CreateClusterRequest{
				Parent: clustertest.Organization, ClusterId: fmt.Sprintf("fleet-%04d", i), Cluster: clustertest.Quickstart(t),
			})
			refused <- err
		}()
	}
	for range n {
		require.NoError(t, <-refused)
	}
	began, ready := time.Now(), make(map[string]bool)
	for len(ready) < n {
		message, err := stream.Recv()
		require.NoError(t, err)
		name := message.GetCluster().GetName()
		if !clustertest.IsReady(message) || name == clustertest.ClusterName || ready[name] {
			continue
		}
		ready[name] = true
		if tenth := max(1, n/10); len(ready)%tenth == 0 {
			t.Logf("%d of %d clusters are ready after %s", len(ready), n, time.Since(began).Round(time.Second))
		}
	}
}

// raised are the AWS quotas of an account with room for all clusters.
var raised = func() map[string]int {
	const unlimited = 1 << 30
	quotas := make(map[string]int)
	for _, name := range []string{
		"VpcsPerRegion", "AddressesPerRegion", "InternetGatewaysPerRegion", "NatGatewaysPerZone", "GatewayEndpointsPerRegion",
		"SecurityGroupsPerRegion", "NetworkInterfacesPerRegion", "VCPUsPerRegion", "LaunchTemplatesPerRegion", "AutoScalingGroupsPerRegion",
		"NetworkLoadBalancersPerRegion", "TargetGroupsPerRegion", "HostedZonesPerAccount", "RolesPerAccount", "InstanceProfilesPerAccount",
	} {
		quotas[name] = unlimited
	}
	return quotas
}()
