package bench_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/stretchr/testify/require"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/cli/critical"
	"github.com/skep-dev/skep/test/bench"
	"github.com/skep-dev/skep/test/clustertest"
)

// TestCreate measures the create of one cluster: its duration in virtual time against its
// critical path, and the calls to AWS by operation.
func TestCreate(t *testing.T) {
	clustertest.Run(t, clustertest.Options{ResyncPeriod: resyncPeriod}, func(t *testing.T, s *clustertest.Suite) {
		path := critical.Of(planned(t, s))
		s.AWS.ResetCalls()
		began := time.Now()
		s.Create(t)
		ready := s.WaitUntil(t, clustertest.IsReady)
		makespan := time.Since(began)
		resources := len(ready.GetStatus().GetResources())
		mutations, calls, throttles := len(s.AWS.Mutations()), len(s.AWS.Calls()), s.AWS.Throttles()
		ratio, callsPerResource := makespan.Seconds()/path.Length.Seconds(), float64(mutations)/float64(resources)

		note(t, bench.Figure{Name: "makespan ÷ critical path", Value: ratio, Limit: bench.Limit(1), Target: bench.AtMost(1.05),
			Peer:   "about 1.6 (CAPA creates NAT gateways and load balancers sequentially)",
			Detail: fmt.Sprintf("%s ÷ %s", makespan.Round(10*time.Millisecond), path.Length.Round(10*time.Millisecond))})
		note(t, bench.Figure{Name: "mutating calls ÷ resources", Value: callsPerResource, Limit: bench.Limit(1), Target: bench.AtMost(1.2),
			Detail: fmt.Sprintf("%d calls ÷ %d resources", mutations, resources)})
		note(t, bench.Figure{Name: "all calls until READY", Value: float64(calls), Unit: "calls",
			Peer: "290 (CAPA, measured over moto, one control plane and one worker)"})
		note(t, bench.Figure{Name: "throttled calls", Value: float64(throttles), Limit: bench.Limit(0), Target: bench.AtMost(0)})
		t.Logf("The critical path: %s\n\n%s\n", strings.Join(path.Names, " → "), callTable(s.AWS.CountCalls()))

		if *measured != "" {
			atRest(t, s, 1)
		}
		writeHeap(t)
		// Virtual time is exact, so the test can require the targets.
		require.LessOrEqual(t, ratio, 1.05)
		require.LessOrEqual(t, callsPerResource, 1.2)
		require.Zero(t, throttles)
	})
}

// planned returns the planned actions of the quickstart cluster.
func planned(t *testing.T, s *clustertest.Suite) []*typev1.PlannedAction {
	t.Helper()
	plan, err := s.Clusters.PlanCluster(s.Context, &clusterv1.PlanClusterRequest{
		Parent: clustertest.Organization, ClusterId: clustertest.ClusterID, Cluster: clustertest.Quickstart(t),
	})
	require.NoError(t, err)
	return plan.GetActions()
}

// callTable returns a table of the calls by operation.
func callTable(counts map[string]int) string {
	calls := table.NewWriter()
	calls.AppendHeader(table.Row{"call", "times"})
	for _, operation := range slices.Sorted(maps.Keys(counts)) {
		calls.AppendRow(table.Row{operation, counts[operation]})
	}
	return calls.Render()
}
