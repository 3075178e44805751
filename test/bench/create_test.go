// Package bench measures Skep in virtual time: exact on any machine, however
// noisy. Each benchmark prints its figures beside their limits.
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

	"github.com/skep-dev/skep/cli/critical"
	"github.com/skep-dev/skep/test/scene"
)

// TestCreate prints what one create takes: virtual makespan, critical path and
// their ratio, and the calls to AWS by kind. `make bench-create` shows it.
func TestCreate(t *testing.T) {
	scene.Play(t, scene.Options{}, func(t *testing.T, s *scene.Scene) {
		plan, err := s.Clusters.PlanCluster(s.Context, &clusterv1.PlanClusterRequest{
			Parent: scene.Organization, ClusterId: scene.ClusterID, Cluster: scene.Quickstart(t),
		})
		require.NoError(t, err)
		path := critical.Of(plan.GetActions())
		s.AWS.ForgetCalls()
		began := time.Now()
		s.Create(t)
		ready := s.Until(t, scene.IsReady)
		makespan := time.Since(began)
		things := len(ready.GetStatus().GetResources())
		mutations := len(s.AWS.Mutations())
		counts := s.AWS.CountCalls()

		figures := table.NewWriter()
		figures.AppendHeader(table.Row{"one create", "figure", "limit", "reach"})
		figures.AppendRow(table.Row{"virtual makespan", makespan.Round(10 * time.Millisecond)})
		figures.AppendRow(table.Row{"critical path", path.Length.Round(10 * time.Millisecond)})
		figures.AppendRow(table.Row{"makespan ÷ critical path", fmt.Sprintf("%.3f", makespan.Seconds()/path.Length.Seconds()), "1.00", "≤ 1.05"})
		figures.AppendRow(table.Row{"things made in AWS", things})
		figures.AppendRow(table.Row{"mutating calls", mutations})
		figures.AppendRow(table.Row{"mutating calls ÷ things", fmt.Sprintf("%.2f", float64(mutations)/float64(things)), "1.0", "≤ 1.2"})
		figures.AppendRow(table.Row{"all calls", len(s.AWS.Calls())})
		figures.AppendRow(table.Row{"throttled calls", s.AWS.Throttles(), "0", "0"})
		calls := table.NewWriter()
		calls.AppendHeader(table.Row{"call", "times"})
		for _, operation := range slices.Sorted(maps.Keys(counts)) {
			calls.AppendRow(table.Row{operation, counts[operation]})
		}
		t.Logf("\n%s\n\nThe critical path: %s\n\n%s\n", figures.Render(), strings.Join(path.Names, " → "), calls.Render())

		// Virtual time is exact, so the figures to reach can be held.
		require.LessOrEqual(t, makespan.Seconds()/path.Length.Seconds(), 1.05)
		require.LessOrEqual(t, float64(mutations)/float64(things), 1.2)
		require.Zero(t, s.AWS.Throttles())
	})
}
