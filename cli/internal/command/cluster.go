package command

import (
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/proto"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/cli/internal/objecttype"
	"github.com/skep-dev/skep/cli/internal/output"
)

// clusterCommand returns `skep cluster`.
func (s *settings) clusterCommand() *cobra.Command {
	cmd := group("cluster", "Kubernetes clusters, each declared in one document",
		s.clusterCreate(), s.clusterUpdate(), s.clusterGet(), s.clusterList(), s.clusterWatch(), s.clusterDelete(),
		s.clusterPlan(), s.clusterExplainDelete(), s.clusterEvents(), s.clusterKubeconfig())
	cmd.Aliases = []string{"clusters"}
	return cmd
}

// clusterRows returns a table of clusters.
func clusterRows(clusters ...*clusterv1.Cluster) *output.Rows {
	rows := &output.Rows{Columns: []string{"name", "state", "ready", "version", "region", "age", "message"}, Empty: "There are no clusters."}
	for _, c := range clusters {
		ready, desired := int32(0), int32(0)
		for _, component := range c.GetStatus().GetComponents() {
			ready, desired = ready+component.GetReady(), desired+component.GetDesired()
		}
		state := ""
		if c.GetStatus().GetState() != typev1.State_STATE_UNSPECIFIED {
			state = c.GetStatus().GetState().String()
		}
		rows.Add(objecttype.ID(c.GetName()), state, strconv.Itoa(int(ready))+"/"+strconv.Itoa(int(desired)), c.GetSpec().GetKubernetesVersion(),
			c.GetSpec().GetRegion(), output.Age(c.GetCreateTime()), objecttype.Why(c.GetStatus().GetConditions()))
	}
	return rows
}

// show writes one object or response in the given format.
func show(w io.Writer, format output.Format, m proto.Message, names []string, rows *output.Rows) error {
	switch format {
	case output.JSON, output.YAML:
		return output.Message(w, format, m)
	case output.Name:
		for _, name := range names {
			if _, err := fmt.Fprintln(w, name); err != nil {
				return err
			}
		}
		return nil
	default:
		_, err := rows.WriteTo(w)
		return err
	}
}

// showCluster writes one cluster.
func (s *settings) showCluster(cmd *cobra.Command, or output.Format, c *clusterv1.Cluster) error {
	return show(cmd.OutOrStdout(), s.output.Or(or), c, []string{c.GetName()}, clusterRows(c))
}
