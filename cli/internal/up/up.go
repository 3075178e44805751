// Package up holds the commands that run the suite: `skep up` serves it, and `skep demo`
// creates and deletes one cluster in it.
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
		Long: `Serve the whole suite in one process until Ctrl-C: five services, the gateway and an
embedded NATS server. The data directory holds the state; after a restart, also
after a crash, the suite continues from it.

By default AWS is simulated in memory, with a journal in the data directory. With
--aws=real Skep uses AWS with your credentials; with --aws-endpoint in addition, an
AWS-compatible API.`,
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
	flags.StringVar(&options.DataDir, "data-dir", ".skep", "directory of the state, the keys and the admin token")
	flags.StringVar(&options.ListenREST, "listen-rest", "127.0.0.1:8080", "address of REST and the API page")
	flags.StringVar(&options.ListenGRPC, "listen-grpc", "127.0.0.1:9090", "address of gRPC")
	flags.StringVar(&options.ListenNATS, "listen-nats", "", "address of the embedded NATS server (default: within the process only)")
	flags.StringVar(&options.AWS.Mode, "aws", "sim", "AWS to use: sim or real")
	flags.StringVar(&options.AWS.Endpoint, "aws-endpoint", "", "endpoint of an AWS-compatible API, with --aws=real")
	flags.Float64Var(&options.AWS.TimeScale, "time-scale", 1, "factor by which simulated AWS is faster than AWS")
	flags.DurationVar(&options.AWS.ResyncPeriod, "resync-period", 48*time.Hour, "interval at which every AWS resource is observed, to find changes by hand")
	flags.StringVar(&about.Endpoint, "otlp-endpoint", "", "endpoint for traces and metrics, such as http://127.0.0.1:4317")
	flags.TextVar(&about.LogLevel, "log-level", slog.LevelWarn, "minimum log level: debug, info, warn, error")
	flags.StringVar(&about.LogFormat, "log-format", "text", "log format: text or json")
	_ = cmd.RegisterFlagCompletionFunc("aws", cobra.FixedCompletions([]string{"sim", "real"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// greet prints the addresses of the suite and a first command.
func greet(w io.Writer, s *allinone.Suite) {
	// A closed pipe must not stop the suite, so errors are ignored.
	_, _ = fmt.Fprintf(w, `Skep is up.

  REST   http://%s/v1   (try it: http://%s/docs/)
  gRPC   %s   (reflection and health)
  token  %s

  skep cluster create quickstart -f examples/quickstart.yaml --wait

`, s.REST, s.REST, s.GRPC, s.TokenFile)
}
