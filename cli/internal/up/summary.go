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

// quiet is the log level of the demo: what goes wrong shows in the progress.
const quiet = slog.LevelError

// summarize prints what was made, where it is reached, and what it took.
func (d *demonstration) summarize(ctx context.Context, c *clusterv1.Cluster, took time.Duration) error {
	cluster, err := document.Read(d.file)
	if err != nil {
		return err
	}
	planned, err := d.clients.PlanCluster(ctx, &clusterv1.PlanClusterRequest{Parent: demoOrganization, ClusterId: demoCluster + "-again", Cluster: cluster})
	if err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	path := critical.Of(planned.GetActions())
	mutations := len(d.suite.Cloud.World.Mutations())

	made := table.NewWriter()
	made.SetStyle(table.StyleLight)
	made.AppendHeader(table.Row{"made", "how many"})
	counts := kinds(c)
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		made.AppendRow(table.Row{kind, counts[kind]})
	}
	made.AppendFooter(table.Row{"all", len(c.GetStatus().GetResources())})
	d.say("\n%s\n\n", made.Render())

	d.say("API        %s\n", c.GetStatus().GetApiUrl())
	d.say("workloads  %s\n", c.GetStatus().GetIngressHost())
	d.say("egress     %s\n", strings.Join(c.GetStatus().GetEgressAddresses(), ", "))
	d.say("time       %s of AWS time; the critical path at AWS's usual latencies is %s\n",
		took.Round(time.Second), path.Length.Round(time.Second))
	d.say("           (%s)\n", strings.Join(path.Names, " → "))
	d.say("AWS calls  %d, of them %d mutating; throttled: %d\n",
		len(d.suite.Cloud.World.Calls()), mutations, d.suite.Cloud.World.Throttles())
	return nil
}

// kinds counts the things of a cluster by kind. A thing is called
// `<part>/<kind>/…`, and one of a node pool `node-pool/<pool>/<kind>/…`.
func kinds(c *clusterv1.Cluster) map[string]int {
	counts := make(map[string]int)
	for _, item := range c.GetStatus().GetResources() {
		name := strings.TrimPrefix(item.GetName(), "node-pool/")
		if _, kind, ok := strings.Cut(name, "/"); ok {
			counts[graph.TypeOf(kind)]++
		}
	}
	return counts
}

// prove looks into AWS itself, not into what Skep believes.
func (d *demonstration) prove() error {
	world, account := d.suite.Cloud.World, d.suite.Cloud.Account
	if !world.Empty(account) {
		return fmt.Errorf("something is left in account %s:\n%s", account, world.String())
	}
	ever := 0
	for _, entry := range world.Ledger() {
		if entry.Account == account {
			ever++
		}
	}
	d.say("\nAccount %s is empty: of %d things that ever existed in it, none is left.\n", account, ever)
	return nil
}
