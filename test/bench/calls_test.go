package bench_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/stretchr/testify/require"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	awssim "github.com/skep-dev/skep/libs/sim/aws"
	"github.com/skep-dev/skep/test/clustertest"
)

// small returns the cluster that published figures of other tools refer to: three zones, one
// control plane member, one worker, no bastion.
func small(t *testing.T) *clusterv1.Cluster {
	t.Helper()
	cluster := clustertest.Quickstart(t)
	cluster.GetSpec().GetControlPlane().GetSelfManaged().Replicas = 1
	cluster.GetSpec().Bastion = nil
	for _, pool := range cluster.GetSpec().GetNodePools() {
		pool.MinSize, pool.MaxSize = 1, 1
	}
	return cluster
}

// untilMachinesRun returns the number of calls before the last machine was running.
func untilMachinesRun(calls []awssim.Call) int {
	var running time.Time
	for _, c := range calls {
		if c.Operation == "RunInstances" || c.Operation == "CreateAutoScalingGroup" {
			running = c.At.Add(awssim.Latency("Instance/running"))
		}
	}
	return len(slices.DeleteFunc(calls, func(c awssim.Call) bool { return c.At.After(running) }))
}

// TestCalls prints the calls to AWS of a cluster during its create, during one hour at
// rest, and during its delete.
func TestCalls(t *testing.T) {
	for name, shape := range map[string]struct {
		cluster func(*testing.T) *clusterv1.Cluster
		// limit is the largest allowed number of calls until all machines run.
		limit int
	}{
		"quickstart": {clustertest.Quickstart, 110},
		"small":      {small, 90},
	} {
		t.Run(name, func(t *testing.T) {
			clustertest.Run(t, clustertest.Options{}, func(t *testing.T, s *clustertest.Suite) {
				calls := table.NewWriter()
				calls.AppendHeader(table.Row{name, "create", "at rest", "delete"})
				phase := func(do func()) map[string]int {
					s.AWS.ResetCalls()
					do()
					return s.AWS.CountCalls()
				}
				var machines int
				phases := []map[string]int{
					phase(func() {
						_, err := s.Clusters.CreateCluster(s.Context, &clusterv1.CreateClusterRequest{Parent: clustertest.Organization, ClusterId: clustertest.ClusterID, Cluster: shape.cluster(t)})
						require.NoError(t, err)
						s.WaitUntil(t, clustertest.IsReady)
						machines = untilMachinesRun(s.AWS.Calls())
					}),
					phase(func() { time.Sleep(time.Hour) }),
					phase(func() { s.Delete(t); s.WaitUntil(t, clustertest.IsDeleted) }),
				}
				var operations []string
				totals := make([]int, len(phases))
				for i, counts := range phases {
					operations = slices.AppendSeq(operations, maps.Keys(counts))
					for _, times := range counts {
						totals[i] += times
					}
				}
				slices.Sort(operations)
				for _, operation := range slices.Compact(operations) {
					calls.AppendRow(table.Row{operation, phases[0][operation], phases[1][operation], phases[2][operation]})
				}
				calls.AppendRow(table.Row{"until all machines run", machines, "", ""})
				calls.AppendFooter(table.Row{"all", totals[0], totals[1], totals[2]})
				t.Logf("\n%s\n", calls.Render())
				require.Zero(t, s.AWS.Throttles())
				require.LessOrEqual(t, machines, shape.limit)
			})
		})
	}
}
