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
		Short: "Bring a cluster to what a document says",
		Long: `Bring a cluster to what a document says. The document declares the whole of
spec, or of labels, or of both: what is not in it is removed. With an etag in it,
as "get" shows, only that version is changed.`,
		Args:              one("cluster"),
		RunE:              func(cmd *cobra.Command, args []string) error { return w.run(s, cmd, args[0]) },
		ValidArgsFunction: s.completeOne(objecttype.Cluster),
	}
	w.bind(cmd, "is ready again")
	return cmd
}

// update asks for what the document declares, and only for that.
func update(ctx context.Context, clusters clusterv1.ClusterServiceClient, name string, d document.Document, dry bool) (*clusterv1.Cluster, error) {
	d.Cluster.Name = name
	out, err := clusters.UpdateCluster(ctx, &clusterv1.UpdateClusterRequest{Cluster: d.Cluster, UpdateMask: d.Mask, ValidateOnly: dry})
	return out.GetCluster(), err
}
