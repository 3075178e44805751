package up

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/cli/critical"
	"github.com/skep-dev/skep/cli/internal/document"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// quiet is the log level of the demo. The progress shows faults already.
const quiet = slog.LevelError

// summarize prints the numbers of resources, the addresses, the duration and the AWS calls.
func (d *demo) summarize(ctx context.Context, c *clusterv1.Cluster, took time.Duration) error {
	cluster, err := document.Read(d.file)
	if err != nil {
		return err
	}
	planned, err := d.clients.PlanCluster(ctx, &clusterv1.PlanClusterRequest{Parent: demoOrganization, ClusterId: demoCluster + "-again", Cluster: cluster})
	if err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	path := critical.Of(planned.GetActions())
	mutations := len(d.suite.AWS.Simulation.Mutations())

	counted := table.NewWriter()
	counted.SetStyle(table.StyleLight)
	counted.AppendHeader(table.Row{"resource type", "count"})
	counts := countByType(c)
	for _, resourceType := range slices.Sorted(maps.Keys(counts)) {
		counted.AppendRow(table.Row{resourceType, counts[resourceType]})
	}
	counted.AppendFooter(table.Row{"all", len(c.GetStatus().GetResources())})
	d.say("\n%s\n\n", counted.Render())

	d.say("API        %s\n", c.GetStatus().GetApiUrl())
	d.say("workloads  %s\n", c.GetStatus().GetIngressHost())
	d.say("egress     %s\n", strings.Join(c.GetStatus().GetEgressAddresses(), ", "))
	d.say("time       %s of AWS time; the critical path at AWS's usual latencies is %s\n",
		took.Round(time.Second), path.Length.Round(time.Second))
	d.say("           (%s)\n", strings.Join(path.Names, " → "))
	d.say("AWS calls  %d, of them %d mutating; throttled: %d\n",
		len(d.suite.AWS.Simulation.Calls()), mutations, d.suite.AWS.Simulation.Throttles())
	return nil
}

// countByType counts the resources of a cluster by resource type. The name of a resource
// is `<component>/<type>/…`, and that of a node pool's `node-pool/<pool>/<type>/…`.
func countByType(c *clusterv1.Cluster) map[string]int {
	counts := make(map[string]int)
	for _, item := range c.GetStatus().GetResources() {
		name := strings.TrimPrefix(item.GetName(), "node-pool/")
		if _, rest, ok := strings.Cut(name, "/"); ok {
			counts[graph.TypeOf(rest)]++
		}
	}
	return counts
}

// prove checks simulated AWS itself, not the state of Skep.
func (d *demo) prove() error {
	simulation, account := d.suite.AWS.Simulation, d.suite.AWS.Account
	if !simulation.Empty(account) {
		return fmt.Errorf("account %s is not empty:\n%s", account, simulation.String())
	}
	ever := 0
	for _, entry := range simulation.Ledger() {
		if entry.Account == account {
			ever++
		}
	}
	d.say("\nAccount %s is empty: all %d resources that existed in it are deleted.\n", account, ever)
	return nil
}
