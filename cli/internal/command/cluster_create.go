package command

import (
	"github.com/spf13/cobra"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/cli/internal/document"
	"github.com/skep-dev/skep/cli/internal/noun"
)

// clusterCreate is `skep cluster create`.
func (s *settings) clusterCreate() *cobra.Command {
	var file source
	var wait waiting
	var dry bool
	cmd := &cobra.Command{
		Use:   "create NAME -f FILE",
		Short: "Create a cluster from a document {spec: …, labels: …}",
		Args:  one("cluster"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.write(cmd, args[0], file, wait, dry, "created", func(clusters clusterv1.ClusterServiceClient, name string, d document.Document) (*clusterv1.Cluster, error) {
				d.Cluster.Name, d.Cluster.Etag = "", ""
				out, err := clusters.CreateCluster(cmd.Context(), &clusterv1.CreateClusterRequest{
					Parent: parent(name), ClusterId: noun.ID(name), Cluster: d.Cluster, ValidateOnly: dry,
				})
				return out.GetCluster(), err
			})
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	file.bind(cmd)
	wait.bind(cmd.Flags(), "is ready")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "check everything and change nothing")
	return cmd
}
