package command

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/cli/internal/objecttype"
	"github.com/skep-dev/skep/cli/internal/output"
)

// clusterEvents is `skep cluster events`.
func (s *settings) clusterEvents() *cobra.Command {
	var follow bool
	cmd := &cobra.Command{
		Use:   "events NAME",
		Short: "Show the timeline of a cluster, also of a deleted one",
		Args:  one("cluster"),
		RunE: s.on(func(cmd *cobra.Command, clusters clusterv1.ClusterServiceClient, name string) error {
			if follow {
				return s.followEvents(cmd, clusters, name)
			}
			all := &clusterv1.ListEventsResponse{}
			for token := ""; ; {
				page, err := clusters.ListEvents(cmd.Context(), &clusterv1.ListEventsRequest{Parent: name, PageSize: 1000, PageToken: token})
				if err != nil {
					return err
				}
				all.Events = append(all.Events, page.GetEvents()...)
				if token = page.GetNextPageToken(); token == "" {
					break
				}
			}
			rows := &output.Rows{Columns: []string{"time", "component", "type", "reason", "message"}, Empty: objecttype.ID(name) + " has no events."}
			var touched []string
			for _, e := range all.GetEvents() {
				rows.Add(stamp(e), objecttype.Label(name, e.GetResource()), e.GetType(), e.GetReason(), e.GetMessage())
				touched = append(touched, e.GetResource())
			}
			return show(cmd.OutOrStdout(), s.output, all, touched, rows)
		}),
		ValidArgsFunction: s.completeOne(objecttype.Cluster),
	}
	cmd.Flags().BoolVar(&follow, "follow", false, "continue with new events until Ctrl-C")
	return cmd
}

// followEvents writes events as they arrive, until the user interrupts it.
func (s *settings) followEvents(cmd *cobra.Command, clusters clusterv1.ClusterServiceClient, name string) error {
	stream, err := clusters.WatchEvents(cmd.Context(), &clusterv1.WatchEventsRequest{Parent: name})
	if err != nil {
		return err
	}
	for {
		answer, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		e := answer.GetEvent()
		if s.output != "" && s.output != output.Table {
			err = output.Next(cmd.OutOrStdout(), s.output, e, e.GetResource())
		} else {
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s  %-18s  %-24s  %-10s  %s\n", stamp(e), objecttype.Label(name, e.GetResource()), e.GetType(), e.GetReason(), e.GetMessage())
		}
		if err != nil {
			return err
		}
	}
}

// stamp returns the time of an event in local time.
func stamp(e *clusterv1.Event) string { return e.GetTime().AsTime().Local().Format(time.DateTime) }
