package rpc_test

import (
	"context"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/platform/rpc"
)

func TestAStopEndsStreamsAndFinishesCalls(t *testing.T) {
	t.Parallel()
	s := &service{
		get: func(context.Context) error { time.Sleep(5 * time.Second); return nil },
		watch: func(stream grpc.ServerStreamingServer[networkv1.WatchNetworksResponse]) error {
			if err := stream.Send(&networkv1.WatchNetworksResponse{Synced: true}); err != nil {
				return err
			}
			<-stream.Context().Done()
			return stream.Context().Err()
		},
	}
	inBubble(t, s, func(t *testing.T, p *process) {
		stream, err := p.WatchNetworks(t.Context(), watchAcme)
		require.NoError(t, err)
		_, err = stream.Recv()
		require.NoError(t, err)
		called := make(chan error, 1)
		go func() {
			_, err := p.GetNetwork(t.Context(), getOrchid)
			called <- err
		}()
		synctest.Wait()

		start := time.Now()
		p.stop()
		_, err = stream.Recv()
		require.Equal(t, fault.Unavailable, received(t, err).Kind)
		require.ErrorContains(t, err, "the server is stopping")
		require.Zero(t, time.Since(start))
		require.NoError(t, <-called)
		err = <-p.stopped
		require.NoError(t, err)
		require.Equal(t, 5*time.Second, time.Since(start))
		p.stopped <- err
	})
}

func TestAStopIsBounded(t *testing.T) {
	t.Parallel()
	s := &service{get: func(ctx context.Context) error { <-ctx.Done(); return nil }}
	inBubble(t, s, func(t *testing.T, p *process) {
		called := make(chan error, 1)
		go func() {
			_, err := p.GetNetwork(t.Context(), getOrchid)
			called <- err
		}()
		synctest.Wait()
		start := time.Now()
		p.stop()
		err := <-p.stopped
		require.NoError(t, err)
		require.Equal(t, 10*time.Second, time.Since(start))
		require.Equal(t, fault.Unavailable, received(t, <-called).Kind)
		p.stopped <- err
	})
}

func TestLoopbackCallsPassTheInterceptors(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := rpc.NewServer(rpc.ServerOptions{
			Authenticate: rpc.TokenAuthenticator(map[string]rpc.Principal{adminToken: {Name: "admin"}}),
		})
		networkv1.RegisterNetworkServiceServer(server, &service{})
		anonymous, admin := server.Loopback(), server.Loopback(grpc.PerRPCCredentials(rpc.Bearer(adminToken)))

		_, err := networkv1.NewNetworkServiceClient(anonymous).GetNetwork(t.Context(), getOrchid)
		require.Equal(t, fault.Unauthenticated, received(t, err).Kind)
		_, err = networkv1.NewNetworkServiceClient(admin).GetNetwork(t.Context(), &networkv1.GetNetworkRequest{Name: "orchid"})
		require.Equal(t, "name", received(t, err).Fields[0].Path)
		got, err := networkv1.NewNetworkServiceClient(admin).GetNetwork(t.Context(), getOrchid)
		require.NoError(t, err)
		require.Equal(t, getOrchid.GetName(), got.GetNetwork().GetName())

		server.Close()
	})
}

func TestServeAnswersOverTCPUntilItsContextEnds(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := rpc.NewServer(rpc.ServerOptions{})
	networkv1.RegisterNetworkServiceServer(server, &service{})
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- server.ServeListener(listener)(ctx) }()

	connection, err := rpc.Dial(listener.Addr().String(), rpc.ClientOptions{Token: "any"})
	require.NoError(t, err)
	_, err = networkv1.NewNetworkServiceClient(connection).GetNetwork(t.Context(), getOrchid)
	require.NoError(t, err)
	require.Error(t, rpc.NewServer(rpc.ServerOptions{}).Serve(listener.Addr().String())(t.Context()), "the address is taken")

	require.NoError(t, connection.Close())
	stop()
	require.NoError(t, <-stopped)
}
