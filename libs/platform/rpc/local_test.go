package rpc_test

import (
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/platform/rpc"
)

// inProcess runs a test against a service within the process.
func inProcess(t *testing.T, s *service, test func(t *testing.T, client networkv1.NetworkServiceClient, server *rpc.Server, stop func() error)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server := rpc.NewServer(rpc.ServerOptions{})
		networkv1.RegisterNetworkServiceServer(server, s)
		ctx, cancel := context.WithCancel(t.Context())
		stopped := make(chan error, 1)
		go func() { stopped <- server.ServeLocal(ctx) }()
		test(t, networkv1.NewNetworkServiceClient(server.Loopback()), server, func() error { cancel(); return <-stopped })
		server.Close()
		cancel()
	})
}

// untilItEnds is a watch that sends one message and waits.
func untilItEnds(stream grpc.ServerStreamingServer[networkv1.WatchNetworksResponse]) error {
	if err := stream.Send(&networkv1.WatchNetworksResponse{Synced: true}); err != nil {
		return err
	}
	<-stream.Context().Done()
	return stream.Context().Err()
}

func TestCallsWithinAProcessCopyTheirMessages(t *testing.T) {
	t.Parallel()
	var stored *networkv1.Network
	sent := (&fault.Fault{Kind: fault.Exhausted, Class: fault.Quota, Message: "too many VPCs"}).Because(io.ErrUnexpectedEOF)
	s := &service{apply: func(n *networkv1.Network) error { stored = n; return nil }}
	inProcess(t, s, func(t *testing.T, client networkv1.NetworkServiceClient, _ *rpc.Server, _ func() error) {
		s.get = func(ctx context.Context) error {
			require.Nil(t, ctx.Value(caller{}))
			return sent
		}
		_, err := client.GetNetwork(context.WithValue(t.Context(), caller{}, "value"), getOrchid)
		require.Equal(t, "too many VPCs", received(t, err).Message)
		require.NotErrorIs(t, err, io.ErrUnexpectedEOF, "the cause does not reach the caller")

		desired := &networkv1.Network{Name: getOrchid.GetName(), Spec: &networkv1.NetworkSpec{
			Account: "organizations/acme/accounts/prod", Region: "eu-central-1", Vpc: &networkv1.ManagedVpc{Zones: 3, Cidr: "10.0.0.0/16"},
		}}
		applied, err := client.ApplyNetwork(t.Context(), &networkv1.ApplyNetworkRequest{Network: desired})
		require.NoError(t, err)
		require.True(t, proto.Equal(desired, stored))
		require.True(t, proto.Equal(desired, applied.GetNetwork()))
		require.NotSame(t, desired.GetSpec(), stored.GetSpec())
		require.NotSame(t, stored.GetSpec(), applied.GetNetwork().GetSpec())
	})
}

// caller is a key of the caller's context.
type caller struct{}

func TestAStopWithinAProcessEndsStreamsAndFinishesCalls(t *testing.T) {
	t.Parallel()
	s := &service{get: func(context.Context) error { time.Sleep(5 * time.Second); return nil }, watch: untilItEnds}
	inProcess(t, s, func(t *testing.T, client networkv1.NetworkServiceClient, _ *rpc.Server, stop func() error) {
		stream, err := client.WatchNetworks(t.Context(), watchAcme)
		require.NoError(t, err)
		_, err = stream.Recv()
		require.NoError(t, err)
		called := make(chan error, 1)
		go func() {
			_, err := client.GetNetwork(t.Context(), getOrchid)
			called <- err
		}()
		synctest.Wait()
		start := time.Now()
		require.NoError(t, stop())
		require.Equal(t, 5*time.Second, time.Since(start))
		require.NoError(t, <-called)
		_, err = stream.Recv()
		require.ErrorContains(t, err, "the server is stopping")
		_, err = client.GetNetwork(t.Context(), getOrchid)
		require.Equal(t, fault.Unavailable, received(t, err).Kind)
	})
}

func TestACloseWithinAProcessCancelsCalls(t *testing.T) {
	t.Parallel()
	s := &service{get: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, watch: untilItEnds}
	inProcess(t, s, func(t *testing.T, client networkv1.NetworkServiceClient, server *rpc.Server, _ func() error) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := client.GetNetwork(ctx, getOrchid)
		require.ErrorIs(t, err, context.DeadlineExceeded)

		stream, err := client.WatchNetworks(t.Context(), watchAcme)
		require.NoError(t, err)
		_, err = stream.Recv()
		require.NoError(t, err)
		start := time.Now()
		server.Close()
		_, err = stream.Recv()
		require.Equal(t, fault.Unavailable, received(t, err).Kind)
		require.Zero(t, time.Since(start))
	})
}
