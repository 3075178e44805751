// Package up holds the commands that run the suite itself: `skep up` serves it,
// and `skep demo` shows one cluster's whole life.
package up

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/skep-dev/skep/cli/allinone"
	"github.com/skep-dev/skep/libs/platform/config"
	"github.com/skep-dev/skep/libs/platform/telemetry"
)

// Command returns `skep up`.
func Command() *cobra.Command {
	var options allinone.Options
	var about config.Telemetry
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Serve the whole suite in one process until Ctrl-C",
		Long: `Serve the whole suite in one process until Ctrl-C: five services, the gateway
and an embedded NATS server. State is kept in the data directory; killed at any
moment and started again, it goes on where it was.

By default AWS is simulated in memory and outlives the process in a journal.
With --aws=real it is the AWS of your credentials; with --aws-endpoint as well it
is whatever speaks like AWS there.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			stop, err := telemetry.Start(cmd.Context(), telemetry.Config{
				Service: "skep", Endpoint: about.Endpoint, SampleRatio: 1, LogLevel: about.LogLevel, LogFormat: about.LogFormat,
			})
			if err != nil {
				return err
			}
			defer func() { _ = stop(context.WithoutCancel(cmd.Context())) }()
			options.Ready = func(s *allinone.Suite) { greet(cmd.OutOrStdout(), s) }
			return allinone.Run(cmd.Context(), options)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&options.DataDir, "data-dir", ".skep", "where state, keys and the admin token are kept")
	flags.StringVar(&options.ListenREST, "listen-rest", "127.0.0.1:8080", "address of REST and the API page")
	flags.StringVar(&options.ListenGRPC, "listen-grpc", "127.0.0.1:9090", "address of gRPC")
	flags.StringVar(&options.ListenNATS, "listen-nats", "", "address of the embedded NATS server (default: within the process only)")
	flags.StringVar(&options.AWS.Mode, "aws", "sim", "which AWS: sim or real")
	flags.StringVar(&options.AWS.Endpoint, "aws-endpoint", "", "an endpoint that speaks like AWS, with --aws=real")
	flags.Float64Var(&options.AWS.TimeScale, "time-scale", 1, "how many times faster than AWS the simulation is")
	flags.DurationVar(&options.AWS.ResyncPeriod, "resync-period", 48*time.Hour, "how often everything in AWS is looked at, to find what somebody changed by hand")
	flags.StringVar(&about.Endpoint, "otlp-endpoint", "", "where to send traces and metrics, such as http://127.0.0.1:4317")
	flags.TextVar(&about.LogLevel, "log-level", slog.LevelWarn, "the least that is logged: debug, info, warn, error")
	flags.StringVar(&about.LogFormat, "log-format", "text", "the form of the log: text or json")
	_ = cmd.RegisterFlagCompletionFunc("aws", cobra.FixedCompletions([]string{"sim", "real"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// greet says where the suite is and how to reach it.
func greet(w io.Writer, s *allinone.Suite) {
	// The suite is up whether or not anyone reads so.
	_, _ = fmt.Fprintf(w, `Skep is up.

  REST   http://%s/v1   (try it: http://%s/docs/)
  gRPC   %s   (reflection and health)
  token  %s

  skep cluster create quickstart -f examples/quickstart.yaml --wait

`, s.REST, s.REST, s.GRPC, s.TokenFile)
}
