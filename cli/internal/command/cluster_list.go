package command

import (
	"github.com/spf13/cobra"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/cli/internal/objecttype"
)

// clusterList is `skep cluster list`.
func (s *settings) clusterList() *cobra.Command {
	var page listing
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List clusters",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			conn, closeConnection, err := s.dial()
			if err != nil {
				return err
			}
			defer closeConnection()
			all, found, err := objecttype.Cluster.List(cmd.Context(), conn, page.of(s))
			if err != nil {
				return err
			}
			answer, _ := all.(*clusterv1.ListClustersResponse)
			return show(cmd.OutOrStdout(), s.output, all, names(found), clusterRows(answer.GetClusters()...))
		},
	}
	page.bind(cmd.Flags())
	return cmd
}
