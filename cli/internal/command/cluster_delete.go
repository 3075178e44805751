package command

import (
	"fmt"

	"github.com/spf13/cobra"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/cli/internal/objecttype"
	"github.com/skep-dev/skep/cli/internal/output"
)

// clusterDelete is `skep cluster delete`.
func (s *settings) clusterDelete() *cobra.Command {
	var wait waiting
	var consent consent
	cmd := &cobra.Command{
		Use:   "delete NAME",
		Short: "Delete a cluster and all its AWS resources",
		Args:  one("cluster"),
		RunE: s.on(func(cmd *cobra.Command, clusters clusterv1.ClusterServiceClient, name string) error {
			err := consent.ask(cmd, name, func() error {
				out, err := clusters.ExplainDelete(cmd.Context(), &clusterv1.ExplainDeleteRequest{Name: name})
				if err != nil {
					return err
				}
				return explain(s.styled(cmd), name, out)
			})
			if err != nil {
				return err
			}
			out, err := clusters.DeleteCluster(cmd.Context(), &clusterv1.DeleteClusterRequest{Name: name})
			if err != nil {
				return err
			}
			last := out.GetCluster()
			if wait.wait {
				if last, err = s.wait(cmd, clusters, last, wait); err != nil {
					return err
				}
			}
			if s.output != "" && s.output != output.Table {
				return s.showCluster(cmd, s.output, last)
			}
			if !wait.wait {
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "Cluster %s is being deleted.\n→ skep cluster watch %[1]s\n", objecttype.ID(name))
			}
			return err
		}),
		ValidArgsFunction: s.completeOne(objecttype.Cluster),
	}
	wait.bind(cmd.Flags(), "is deleted")
	consent.bind(cmd.Flags())
	return cmd
}
