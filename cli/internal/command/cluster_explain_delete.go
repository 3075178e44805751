package command

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/cli/internal/objecttype"
	"github.com/skep-dev/skep/cli/internal/output"
)

// clusterExplainDelete is `skep cluster explain-delete`.
func (s *settings) clusterExplainDelete() *cobra.Command {
	return &cobra.Command{
		Use:   "explain-delete NAME",
		Short: "Show what deleting a cluster would delete, and the delete blockers",
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
		ValidArgsFunction: s.completeOne(objecttype.Cluster),
	}
}

// explain writes the resources that a deletion deletes, in order, the resources of
// other creators, and the delete blockers.
func explain(w io.Writer, name string, e *clusterv1.ExplainDeleteResponse) error {
	rows := &output.Rows{Columns: []string{"resource", "id"}, Empty: objecttype.ID(name) + " has no AWS resources."}
	for _, action := range e.GetActions() {
		rows.Add(action.GetResource(), action.GetId())
	}
	if _, err := rows.WriteTo(w); err != nil {
		return err
	}
	if len(e.GetActions()) > 0 {
		if _, err := fmt.Fprintf(w, "\nDeleting %s deletes these %d resources in AWS, in this order.\n", output.Strong.Render(objecttype.ID(name)), len(e.GetActions())); err != nil {
			return err
		}
	}
	for _, section := range []struct {
		heading string
		found   []*typev1.Dependent
	}{
		{"Also deleted, created by controllers in the cluster or by AWS for it:", e.GetGoes()},
		{"Kept on purpose:", e.GetStays()},
		{"Owned by others and never changed by Skep:", e.GetForeign()},
	} {
		if err := dependents(w, section.heading, section.found); err != nil {
			return err
		}
	}
	var b strings.Builder
	for _, blocker := range e.GetBlockers() {
		fmt.Fprintf(&b, "%s %s\n", output.Bad.Render("Delete blocker:"), blocker)
	}
	if b.Len() > 0 && len(e.GetGoes())+len(e.GetStays())+len(e.GetForeign()) > 0 {
		if _, err := io.WriteString(w, "\n"); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// dependents writes resources of other creators, with their price if it is known.
func dependents(w io.Writer, heading string, found []*typev1.Dependent) error {
	if len(found) == 0 {
		return nil
	}
	if _, err := fmt.Fprintf(w, "\n%s\n", output.Strong.Render(heading)); err != nil {
		return err
	}
	rows := &output.Rows{Columns: []string{"type", "id", "name", "created by", "since", "per month"}}
	for _, d := range found {
		since, price := "", "unknown"
		if d.GetCreateTime() != nil {
			since = d.GetCreateTime().AsTime().UTC().Format(time.DateOnly)
		}
		if d.MonthlyUsd != nil {
			price = fmt.Sprintf("$%.2f", d.GetMonthlyUsd())
		}
		rows.Add(d.GetKind(), d.GetId()[strings.LastIndexByte(d.GetId(), ':')+1:], d.GetName(), d.GetCreator(), since, price)
	}
	_, err := rows.WriteTo(w)
	return err
}
