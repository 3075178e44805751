package command

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/cli/internal/objecttype"
	"github.com/skep-dev/skep/cli/internal/output"
)

// clusterPlan is `skep cluster plan`.
func (s *settings) clusterPlan() *cobra.Command {
	var file source
	cmd := &cobra.Command{
		Use:   "plan NAME -f FILE",
		Short: "Show the actions in AWS that a document would cause, and execute none",
		Args:  one("cluster"),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := s.cluster(args[0])
			d, err := file.read(cmd, name)
			if err != nil {
				return err
			}
			clusters, closeConnection, err := s.clusters()
			if err != nil {
				return err
			}
			defer closeConnection()
			out, err := clusters.PlanCluster(cmd.Context(), &clusterv1.PlanClusterRequest{Parent: parent(name), ClusterId: objecttype.ID(name), Cluster: d.Cluster})
			if err != nil {
				return err
			}
			if err := show(cmd.OutOrStdout(), s.output, out, resources(out.GetActions()), planRows(name, out.GetActions())); err != nil {
				return err
			}
			if s.output != "" && s.output != output.Table {
				return nil
			}
			return summarize(s.styled(cmd), name, out)
		},
		ValidArgsFunction: s.completeOne(objecttype.Cluster),
	}
	file.bind(cmd)
	return cmd
}

// planRows returns a table of the planned actions.
func planRows(cluster string, actions []*typev1.PlannedAction) *output.Rows {
	rows := &output.Rows{Columns: []string{"component", "action", "resource", "needs"}, Empty: "The plan has no actions."}
	for _, action := range actions {
		rows.Add(objecttype.Label(cluster, action.GetOwner()), strings.ToLower(action.GetVerb().String()), action.GetResource(), strings.Join(action.GetNeeds(), ", "))
	}
	return rows
}

// summarize writes the numbers of planned actions, by verb and by component.
func summarize(w io.Writer, cluster string, plan *clusterv1.PlanClusterResponse) error {
	verbs := map[typev1.PlannedAction_Verb]int{}
	var order []string
	parts := map[string]int{}
	for _, action := range plan.GetActions() {
		verbs[action.GetVerb()]++
		owner := objecttype.Label(cluster, action.GetOwner())
		if parts[owner] == 0 {
			order = append(order, owner)
		}
		parts[owner]++
	}
	counts := make([]string, len(order))
	for i, owner := range order {
		counts[i] = fmt.Sprintf("%d %s", parts[owner], owner)
	}
	_, err := fmt.Fprintf(w, "\n%s %d to create, %d to change, %d to delete, %d to keep, in %s.\n%s\n", output.Strong.Render("Plan:"),
		verbs[typev1.PlannedAction_CREATE], verbs[typev1.PlannedAction_UPDATE], verbs[typev1.PlannedAction_DELETE], verbs[typev1.PlannedAction_KEEP],
		strings.Join(plan.GetZones(), ", "), output.Quiet.Render(strings.Join(counts, ", ")))
	return err
}

func resources(actions []*typev1.PlannedAction) []string {
	names := make([]string, len(actions))
	for i, action := range actions {
		names[i] = action.GetOwner() + "/" + action.GetResource()
	}
	return names
}
