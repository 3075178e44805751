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

// few is how many clusters a test makes at once: enough for a bucket to bind.
const few = 10

// TestFleet measures many creates at once in one account and region against what
// AWS's token buckets allow, and then the reads that the clusters cost at rest.
func TestFleet(t *testing.T) {
	clustertest.Run(t, clustertest.Options{AWS: awssim.Options{Quotas: raised}, ResyncPeriod: round}, func(t *testing.T, s *clustertest.Suite) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(s.Context), 100*time.Hour)
		defer cancel()
		n := size(few)
		plan := planned(t, s)
		one := mutationsOfOne(t, s)
		least := boundOf(n, critical.Steps(plan), critical.Of(plan), one)

		s.AWS.ForgetCalls()
		began := time.Now()
		createAll(ctx, t, s, n)
		makespan := time.Since(began)
		mutations := len(s.AWS.Mutations())
		ratio := makespan.Seconds() / least.Length.Seconds()
		note(t, bench.Figure{What: fmt.Sprintf("%d creates at once ÷ the token-bucket bound", n), Value: ratio, Limit: bench.Limit(1), Reach: bench.AtMost(1.10),
			Peer:   "CAPA is throttled from 20 clusters on (its issue 1275)",
			Detail: fmt.Sprintf("%s ÷ %s; %s binds", makespan.Round(time.Second), least.Length.Round(time.Second), least.name())})
		note(t, bench.Figure{What: "throttled calls", Value: float64(s.AWS.Throttles()), Limit: bench.Limit(0), Reach: bench.AtMost(0), Detail: fmt.Sprint(s.AWS.CountThrottles())})
		note(t, bench.Figure{What: "mutating calls ÷ those of the same clusters one by one", Value: float64(mutations) / float64(n*len(one)),
			Limit: bench.Limit(1), Reach: bench.AtMost(1), Detail: fmt.Sprintf("%d ÷ %d × %d", mutations, n, len(one))})
		note(t, bench.Figure{What: "reads until READY, a cluster", Value: float64(len(s.AWS.Calls())-mutations) / float64(n), Unit: "calls"})
		t.Logf("\n%s\n", census(s.AWS.CountCalls()))
		if *measured != "" {
			atRest(t, s, n+1)
		}
		weigh(t)
		require.Zero(t, s.AWS.Throttles())
	})
}

func (b bound) name() string {
	if b.Bucket == "" {
		return "the critical path of one"
	}
	return b.Bucket
}

// round is how often everything is looked at here, and every how often is what a
// process is told without more: a round of it costs the same however long it takes.
const (
	round = time.Hour
	every = 48 * time.Hour
)

// atRest measures what the clusters cost while nothing is asked of them: a whole
// round of looks at everything, and the calls of the roll within it.
func atRest(t *testing.T, s *clustertest.Suite, n int) {
	t.Helper()
	time.Sleep(settling)
	s.AWS.ForgetCalls()
	time.Sleep(round)
	mutations := len(s.AWS.Mutations())
	reads := len(s.AWS.Calls()) - mutations
	note(t, bench.Figure{What: fmt.Sprintf("reads a cluster-hour at rest, %d clusters", n), Value: float64(reads) / float64(n) / every.Hours(),
		Unit: "calls", Limit: bench.Limit(0), Reach: bench.AtMost(2),
		Peer: "318 (CAPA, measured over moto)", Detail: fmt.Sprintf("%d calls in one round of looks, which is made every %s", reads, every)})
	note(t, bench.Figure{What: "mutating calls at rest", Value: float64(mutations), Limit: bench.Limit(0), Reach: bench.AtMost(0)})
	t.Logf("\n%s\n", census(s.AWS.CountCalls()))
}

// settling is how long after the last cluster has come up the token buckets are
// full again and nothing is left to do.
const settling = 10 * time.Minute

// mutationsOfOne makes one cluster alone and lists the calls that changed something.
func mutationsOfOne(t *testing.T, s *clustertest.Suite) []awssim.Call {
	t.Helper()
	s.AWS.ForgetCalls()
	s.Create(t)
	s.WaitUntil(t, clustertest.IsReady)
	calls := s.AWS.Mutations()
	time.Sleep(settling)
	return calls
}

// createAll declares so many clusters at once and returns when all are ready.
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

// raised are the quotas of an account that holds this many clusters.
var raised = func() map[string]int {
	const plenty = 1 << 30
	quotas := make(map[string]int)
	for _, name := range []string{
		"VpcsPerRegion", "AddressesPerRegion", "InternetGatewaysPerRegion", "NatGatewaysPerZone", "GatewayEndpointsPerRegion",
		"SecurityGroupsPerRegion", "NetworkInterfacesPerRegion", "VCPUsPerRegion", "LaunchTemplatesPerRegion", "AutoScalingGroupsPerRegion",
		"NetworkLoadBalancersPerRegion", "TargetGroupsPerRegion", "HostedZonesPerAccount", "RolesPerAccount", "InstanceProfilesPerAccount",
	} {
		quotas[name] = plenty
	}
	return quotas
}()
