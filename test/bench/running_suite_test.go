package bench_test

import (
	"context"
	"io"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/skep-dev/skep/cli/allinone"
	"github.com/skep-dev/skep/libs/platform/rpc"
)

// runningSuite is the whole suite in real time, as `skep up` runs it: one process with an
// embedded NATS server, every service, and gRPC and REST over TCP.
type runningSuite struct{ *allinone.Suite }

// openSuite runs the suite on a data directory until the test ends, and returns when it
// serves requests.
func openSuite(t *testing.T, dir string) runningSuite {
	t.Helper()
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	serving, ended := make(chan *allinone.Suite, 1), make(chan error, 1)
	go func() {
		ended <- allinone.Run(ctx, allinone.Options{
			DataDir: dir, ListenREST: "127.0.0.1:0", ListenGRPC: "127.0.0.1:0",
			AWS: allinone.AWSOptions{Mode: "sim"}, Ready: func(s *allinone.Suite) { serving <- s },
		})
	}()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
	})
	select {
	case s := <-serving:
		return runningSuite{s}
	case err := <-ended:
		ended <- nil
		require.NoError(t, err)
		return runningSuite{}
	}
}

// dial connects to a gRPC server with a plain client, and with the token unless it is empty.
func dial(t *testing.T, address, token string) *grpc.ClientConn {
	t.Helper()
	options := []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}
	if token != "" {
		options = append(options, grpc.WithPerRPCCredentials(rpc.Bearer(token)))
	}
	conn, err := grpc.NewClient("passthrough:///"+address, options...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}
