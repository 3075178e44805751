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

// TestCreate measures what one create takes: virtual makespan and its critical
// path, and the calls to AWS by kind.
func TestCreate(t *testing.T) {
	clustertest.Run(t, clustertest.Options{ResyncPeriod: round}, func(t *testing.T, s *clustertest.Suite) {
		path := critical.Of(planned(t, s))
		s.AWS.ForgetCalls()
		began := time.Now()
		s.Create(t)
		ready := s.WaitUntil(t, clustertest.IsReady)
		makespan := time.Since(began)
		things := len(ready.GetStatus().GetResources())
		mutations, calls, throttles := len(s.AWS.Mutations()), len(s.AWS.Calls()), s.AWS.Throttles()
		ratio, thrift := makespan.Seconds()/path.Length.Seconds(), float64(mutations)/float64(things)

		note(t, bench.Figure{What: "makespan ÷ critical path", Value: ratio, Limit: bench.Limit(1), Reach: bench.AtMost(1.05),
			Peer:   "about 1.6 (CAPA makes NAT gateways and load balancers one after the other)",
			Detail: fmt.Sprintf("%s ÷ %s", makespan.Round(10*time.Millisecond), path.Length.Round(10*time.Millisecond))})
		note(t, bench.Figure{What: "mutating calls ÷ things made", Value: thrift, Limit: bench.Limit(1), Reach: bench.AtMost(1.2),
			Detail: fmt.Sprintf("%d calls ÷ %d things", mutations, things)})
		note(t, bench.Figure{What: "all calls until READY", Value: float64(calls), Unit: "calls",
			Peer: "290 (CAPA, measured over moto, one control plane and one worker)"})
		note(t, bench.Figure{What: "throttled calls", Value: float64(throttles), Limit: bench.Limit(0), Reach: bench.AtMost(0)})
		t.Logf("The critical path: %s\n\n%s\n", strings.Join(path.Names, " → "), census(s.AWS.CountCalls()))

		if *measured != "" {
			atRest(t, s, 1)
		}
		weigh(t)
		// Virtual time is exact, so the figures to reach can be held.
		require.LessOrEqual(t, ratio, 1.05)
		require.LessOrEqual(t, thrift, 1.2)
		require.Zero(t, throttles)
	})
}

// planned is what the quickstart cluster would make.
func planned(t *testing.T, s *clustertest.Suite) []*typev1.PlannedAction {
	t.Helper()
	plan, err := s.Clusters.PlanCluster(s.Context, &clusterv1.PlanClusterRequest{
		Parent: clustertest.Organization, ClusterId: clustertest.ClusterID, Cluster: clustertest.Quickstart(t),
	})
	require.NoError(t, err)
	return plan.GetActions()
}

// census is a table of calls by kind.
func census(counts map[string]int) string {
	calls := table.NewWriter()
	calls.AppendHeader(table.Row{"call", "times"})
	for _, operation := range slices.Sorted(maps.Keys(counts)) {
		calls.AppendRow(table.Row{operation, counts[operation]})
	}
	return calls.Render()
}
