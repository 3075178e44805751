package rpc_test

import (
	"context"
	"net"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/test/bufconn"

	"github.com/skep-dev/skep/libs/platform/rpc"
)

func TestAWarningIsReceivedOnceWithTheFirstAnswer(t *testing.T) {
	for name, call := range map[string]func(*testing.T, context.Context, grpc_health_v1.HealthClient){
		"of a call": func(t *testing.T, ctx context.Context, client grpc_health_v1.HealthClient) {
			_, err := client.Check(ctx, &grpc_health_v1.HealthCheckRequest{})
			require.NoError(t, err)
		},
		"of a stream": func(t *testing.T, ctx context.Context, client grpc_health_v1.HealthClient) {
			stream, err := client.Watch(ctx, &grpc_health_v1.HealthCheckRequest{})
			require.NoError(t, err)
			_, err = stream.Recv()
			require.NoError(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithCancel(t.Context())
				listener, warning, stopped := bufconn.Listen(64<<10), "", make(chan error, 1)
				server := rpc.NewServer(rpc.ServerOptions{Warning: func() string { return warning }})
				go func() { stopped <- server.ServeListener(listener)(ctx) }()
				var warnings []string
				conn, err := rpc.Dial("passthrough:///bubble", rpc.ClientOptions{
					OnWarning: func(warning string) { warnings = append(warnings, warning) },
					Dialer:    func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) },
				})
				require.NoError(t, err)
				client := grpc_health_v1.NewHealthClient(conn)
				call(t, ctx, client)
				require.Empty(t, warnings)
				warning = "the state store was rolled back"
				call(t, ctx, client)
				call(t, ctx, client)
				require.Equal(t, []string{warning}, warnings)
				require.NoError(t, conn.Close())
				stop()
				require.NoError(t, <-stopped)
			})
		})
	}
}
