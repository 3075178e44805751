package command

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/cli/internal/noun"
	"github.com/skep-dev/skep/cli/internal/output"
)

// clusterExplainDelete is `skep cluster explain-delete`.
func (s *settings) clusterExplainDelete() *cobra.Command {
	return &cobra.Command{
		Use:   "explain-delete NAME",
		Short: "Say what deleting a cluster would remove, and what is in the way",
		Args:  one("cluster"),
		RunE: s.on(func(cmd *cobra.Command, clusters clusterv1.ClusterServiceClient, name string) error {
			out, err := clusters.ExplainDelete(cmd.Context(), &clusterv1.ExplainDeleteRequest{Name: name})
			if err != nil {
				return err
			}
			if s.output != "" && s.output != output.Table {
				return show(cmd.OutOrStdout(), s.output, out, resources(out.GetActions()), nil)
			}
			return explain(s.styled(cmd), name, out)
		}),
		ValidArgsFunction: s.completeOne(noun.Cluster),
	}
}

// explain writes what a deletion removes, in order, and what is in the way.
func explain(w io.Writer, name string, e *clusterv1.ExplainDeleteResponse) error {
	rows := &output.Rows{Columns: []string{"resource", "id"}, Empty: noun.ID(name) + " owns nothing in AWS."}
	for _, action := range e.GetActions() {
		rows.Add(action.GetResource(), action.GetId())
	}
	if _, err := rows.WriteTo(w); err != nil {
		return err
	}
	var b strings.Builder
	if len(e.GetActions()) > 0 {
		fmt.Fprintf(&b, "\nDeleting %s removes these %d from AWS, in this order.\n", output.Strong.Render(noun.ID(name)), len(e.GetActions()))
	}
	for _, blocker := range e.GetBlockers() {
		fmt.Fprintf(&b, "%s %s\n", output.Bad.Render("In the way:"), blocker)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
