package command

import (
	"github.com/spf13/cobra"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/cli/internal/document"
	"github.com/skep-dev/skep/cli/internal/noun"
)

// clusterUpdate is `skep cluster update`.
func (s *settings) clusterUpdate() *cobra.Command {
	var file source
	var wait waiting
	var dry bool
	cmd := &cobra.Command{
		Use:   "update NAME -f FILE",
		Short: "Bring a cluster to what a document says",
		Long: `Bring a cluster to what a document says. The document declares the whole of
spec, or of labels, or of both: what is not in it is removed. With an etag in it,
as "get" shows, only that version is changed.`,
		Args: one("cluster"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.write(cmd, args[0], file, wait, dry, "updated", func(clusters clusterv1.ClusterServiceClient, name string, d document.Document) (*clusterv1.Cluster, error) {
				d.Cluster.Name = name
				out, err := clusters.UpdateCluster(cmd.Context(), &clusterv1.UpdateClusterRequest{Cluster: d.Cluster, UpdateMask: d.Mask, ValidateOnly: dry})
				return out.GetCluster(), err
			})
		},
		ValidArgsFunction: s.completeOne(noun.Cluster),
	}
	file.bind(cmd)
	wait.bind(cmd.Flags(), "is ready again")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "check everything and change nothing")
	return cmd
}
