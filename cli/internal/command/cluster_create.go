package command

import (
	"context"

	"github.com/spf13/cobra"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/cli/internal/document"
	"github.com/skep-dev/skep/cli/internal/objecttype"
)

// clusterCreate is `skep cluster create`.
func (s *settings) clusterCreate() *cobra.Command {
	w := writing{done: "created", request: create}
	cmd := &cobra.Command{
		Use:               "create NAME -f FILE",
		Short:             "Create a cluster from a document {spec: …, labels: …}",
		Args:              one("cluster"),
		RunE:              func(cmd *cobra.Command, args []string) error { return w.run(s, cmd, args[0]) },
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	w.bind(cmd, "is ready")
	return cmd
}

// create calls CreateCluster. It drops name and etag of the document, which may come from another cluster.
func create(ctx context.Context, clusters clusterv1.ClusterServiceClient, name string, d document.Document, dry bool) (*clusterv1.Cluster, error) {
	d.Cluster.Name, d.Cluster.Etag = "", ""
	out, err := clusters.CreateCluster(ctx, &clusterv1.CreateClusterRequest{
		Parent: parent(name), ClusterId: objecttype.ID(name), Cluster: d.Cluster, ValidateOnly: dry,
	})
	return out.GetCluster(), err
}
