package command

import (
	"iter"

	"github.com/spf13/cobra"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/cli/internal/objecttype"
	"github.com/skep-dev/skep/cli/internal/output"
	"github.com/skep-dev/skep/cli/internal/progress"
	"github.com/skep-dev/skep/cli/internal/watch"
)

// clusterWatch is `skep cluster watch`.
func (s *settings) clusterWatch() *cobra.Command {
	var l live
	var forever bool
	cmd := &cobra.Command{
		Use:   "watch NAME",
		Short: "Show a cluster while it is created, changed or deleted",
		Long: `Show a cluster while it is created, changed or deleted, until it is ready, failed or
deleted. With -o json each change is one line, with -o yaml one document.`,
		Args: one("cluster"),
		RunE: s.on(func(cmd *cobra.Command, clusters clusterv1.ClusterServiceClient, name string) error {
			snapshots := watch.Cluster(cmd.Context(), watch.One(clusters, name), name)
			switch {
			case s.output != "" && s.output != output.Table && forever:
				return s.stream(cmd, snapshots)
			case s.output != "" && s.output != output.Table:
				return s.stream(cmd, watch.Settled(snapshots, nil))
			case forever:
				return progress.Show(cmd.Context(), cmd.OutOrStdout(), snapshots, s.progress(l, nil))
			}
			_, err := progress.Follow(cmd.Context(), cmd.OutOrStdout(), watch.One(clusters, name), name, s.progress(l, nil))
			return err
		}),
		ValidArgsFunction: s.completeOne(objecttype.Cluster),
	}
	l.bind(cmd.Flags())
	cmd.Flags().BoolVar(&forever, "forever", false, "continue until the cluster is deleted")
	return cmd
}

// stream writes every snapshot as it arrives, in a format for programs.
func (s *settings) stream(cmd *cobra.Command, snapshots iter.Seq2[*clusterv1.Cluster, error]) error {
	for c, err := range snapshots {
		if err == nil {
			err = output.Next(cmd.OutOrStdout(), s.output, c, c.GetName())
		}
		if err != nil {
			return err
		}
	}
	return nil
}
