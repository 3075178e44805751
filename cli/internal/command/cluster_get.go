package command

import (
	"github.com/spf13/cobra"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/cli/internal/objecttype"
	"github.com/skep-dev/skep/cli/internal/output"
)

// clusterGet is `skep cluster get`.
func (s *settings) clusterGet() *cobra.Command {
	return &cobra.Command{
		Use:   "get NAME",
		Short: "Show a cluster, by default as YAML",
		Args:  one("cluster"),
		RunE: s.on(func(cmd *cobra.Command, clusters clusterv1.ClusterServiceClient, name string) error {
			out, err := clusters.GetCluster(cmd.Context(), &clusterv1.GetClusterRequest{Name: name})
			if err != nil {
				return err
			}
			return s.showCluster(cmd, output.YAML, out.GetCluster())
		}),
		ValidArgsFunction: s.completeOne(objecttype.Cluster),
	}
}
