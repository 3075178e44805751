package host

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"google.golang.org/grpc"

	"github.com/skep-dev/skep/libs/engine/service"
	"github.com/skep-dev/skep/libs/platform/config"
	"github.com/skep-dev/skep/libs/platform/process"
	"github.com/skep-dev/skep/libs/platform/rpc"
	"github.com/skep-dev/skep/libs/platform/seal"
	"github.com/skep-dev/skep/libs/platform/telemetry"
)

// Face serves a service to clients by another protocol than gRPC. It calls the service
// through own, a connection to the gRPC server of the same process; see gateway.ListenAndServeREST.
type Face func(own grpc.ClientConnInterface) func(context.Context) error

// Main runs one service until a signal stops it. It is the main function of every service.
// With -h it lists the settings.
func Main(name string, construct service.Constructor, faces ...Face) {
	process.Main(name, func(ctx context.Context) error {
		if slices.ContainsFunc(os.Args[1:], func(arg string) bool { return arg == "-h" || arg == "--help" }) {
			fmt.Printf("%s runs the %s service of Skep. Its settings are environment variables:\n\n", name, name)
			return config.Print[config.Process](os.Stdout)
		}
		settings, err := config.Load[config.Process](os.Environ())
		if err != nil {
			return err
		}
		return Serve(ctx, name, construct, settings, faces...)
	})
}

// Serve runs one service until ctx ends: settings, telemetry, token, seal key, NATS and AWS, gRPC server.
// It closes them in the reverse order.
func Serve(ctx context.Context, name string, construct service.Constructor, settings config.Process, faces ...Face) (err error) {
	stop, err := telemetry.Start(ctx, telemetry.Config{
		Service: "skep-" + name, Endpoint: settings.Telemetry.Endpoint, SampleRatio: settings.Telemetry.SampleRatio,
		LogLevel: settings.Telemetry.LogLevel, LogFormat: settings.Telemetry.LogFormat,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop(context.WithoutCancel(ctx))) }()

	token, err := rpc.LocalToken(settings.TokenFile)
	if err != nil {
		return err
	}
	sealer, err := seal.Open(settings.SealKey)
	if err != nil {
		return err
	}
	server := rpc.ServerOptions{Authenticate: rpc.TokenAuthenticator(map[string]rpc.Principal{token: {Name: "suite", Roles: []string{"admin"}}})}
	own := wiring{settings}
	h := New(Options{
		Connect: own.connect, Base: own.base,
		STS:          func(ctx context.Context) (aws.Config, error) { return own.base(ctx, "eu-central-1") },
		Installation: settings.Installation, Sealer: sealer, Peers: own.peers(token),
		TimeScale: settings.AWS.TimeScale, ResyncPeriod: settings.AWS.ResyncPeriod, HighWaterMark: settings.HighWaterMark,
	})
	instance, err := h.Open(ctx, name, own.replica(name), construct)
	if err != nil {
		return err
	}
	server.Warning = instance.Warning
	public := rpc.NewServer(server)
	instance.Register(public)
	parts := []func(context.Context) error{instance.Run, instance.Once(public.Serve(settings.Listen))}
	for _, face := range faces {
		parts = append(parts, instance.Once(face(public.Loopback())))
	}
	return process.All(ctx, parts...)
}
