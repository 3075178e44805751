package command

import (
	"context"

	"github.com/spf13/cobra"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/cli/internal/document"
	"github.com/skep-dev/skep/cli/internal/objecttype"
)

// clusterUpdate is `skep cluster update`.
func (s *settings) clusterUpdate() *cobra.Command {
	w := writing{done: "updated", request: update}
	cmd := &cobra.Command{
		Use:   "update NAME -f FILE",
		Short: "Update a cluster from a document",
		Long: `Update a cluster from a document. The document replaces the whole spec, the whole
labels, or both: fields that are not in it are removed. With the etag that "get"
shows, the update fails if the cluster has changed since.`,
		Args:              one("cluster"),
		RunE:              func(cmd *cobra.Command, args []string) error { return w.run(s, cmd, args[0]) },
		ValidArgsFunction: s.completeOne(objecttype.Cluster),
	}
	w.bind(cmd, "is ready again")
	return cmd
}

// update calls UpdateCluster with only the fields of the document in the mask.
func update(ctx context.Context, clusters clusterv1.ClusterServiceClient, name string, d document.Document, dry bool) (*clusterv1.Cluster, error) {
	d.Cluster.Name = name
	out, err := clusters.UpdateCluster(ctx, &clusterv1.UpdateClusterRequest{Cluster: d.Cluster, UpdateMask: d.Mask, ValidateOnly: dry})
	return out.GetCluster(), err
}
