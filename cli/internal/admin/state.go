package admin

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/spf13/cobra"

	"github.com/skep-dev/skep/cli/internal/output"
	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/libs/platform/streammeta"
	"github.com/skep-dev/skep/libs/platform/topology"
)

// stateCommand is `skep admin state`.
func (r *reach) stateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "state",
		Short: "Show the installation, the revision and the acceptance of the state of each service",
		Args:  cobra.NoArgs,
		RunE: r.on(func(ctx context.Context, cmd *cobra.Command, _ []string, admin bus.Connect) error {
			ctx, cancel := context.WithTimeout(ctx, timeout)
			defer cancel()
			rows := &output.Rows{Columns: []string{"service", "installation", "records", "revision", "created", "accepted", "restored from"}}
			err := each(ctx, admin, func(service string, js jetstream.JetStream) error {
				stream, err := js.Stream(ctx, "KV_"+topology.Suite().Bucket(service))
				if err != nil {
					return err
				}
				info := stream.CachedInfo()
				metadata := info.Config.Metadata
				rows.Add(service, metadata[streammeta.Installation], fmt.Sprint(info.State.Msgs), fmt.Sprint(info.State.LastSeq),
					info.Created.Local().Format(time.DateTime), metadata[streammeta.Accepted], metadata[streammeta.Restored])
				return nil
			})
			if err != nil {
				return err
			}
			_, err = rows.WriteTo(cmd.OutOrStdout())
			return err
		}),
	}
}
