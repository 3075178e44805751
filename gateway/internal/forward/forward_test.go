package forward_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/gateway/internal/forward"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/platform/rpc"
)

const name = "organizations/acme/networks/orchid"

// networks is the service behind the gateway.
type networks struct {
	networkv1.UnimplementedNetworkServiceServer
	calls int
	err   error
}

func (n *networks) GetNetwork(_ context.Context, in *networkv1.GetNetworkRequest) (*networkv1.GetNetworkResponse, error) {
	n.calls++
	return &networkv1.GetNetworkResponse{Network: &networkv1.Network{Name: in.GetName(), Uid: "uid1"}}, n.err
}

func (n *networks) WatchNetworks(in *networkv1.WatchNetworksRequest, stream networkv1.NetworkService_WatchNetworksServer) error {
	for _, uid := range []string{in.GetParent(), "two", "three"} {
		if err := stream.Send(&networkv1.WatchNetworksResponse{Network: &networkv1.Network{Uid: uid}}); err != nil {
			return err
		}
	}
	if n.err != nil {
		return n.err
	}
	<-stream.Context().Done()
	return nil
}

// inBubble runs a test with two clients of a gateway that forwards to a network service.
// The client known sends a token, the client unknown sends none.
func inBubble(t *testing.T, n *networks, test func(t *testing.T, known, unknown networkv1.NetworkServiceClient)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		behind := rpc.NewServer(rpc.ServerOptions{})
		networkv1.RegisterNetworkServiceServer(behind, n)
		gateway := rpc.NewServer(rpc.ServerOptions{Authenticate: rpc.TokenAuthenticator(map[string]rpc.Principal{"token": {Name: "admin"}})})
		forward.Register(gateway, &networkv1.NetworkService_ServiceDesc, behind.Loopback())
		known := gateway.Loopback(grpc.PerRPCCredentials(rpc.Bearer("token")))
		test(t, networkv1.NewNetworkServiceClient(known), networkv1.NewNetworkServiceClient(gateway.Loopback()))
		gateway.Close()
		behind.Close()
	})
}

var quota = &fault.Fault{Kind: fault.Exhausted, Class: fault.Quota, Message: "too many VPCs", Operation: "EC2 CreateVpc",
	AWSCode: "VpcLimitExceeded", RequestID: "r-1", Remedy: "Raise it."}

// requireIntact requires that err is the fault quota, unchanged by the two servers.
func requireIntact(t *testing.T, err error) {
	t.Helper()
	f := fault.Of(err)
	received := fault.Fault{Kind: f.Kind, Class: f.Class, Message: f.Message, Operation: f.Operation,
		AWSCode: f.AWSCode, RequestID: f.RequestID, Remedy: f.Remedy}
	require.Equal(t, *quota, received)
}

func TestForwardReturnsTheResponseOfTheService(t *testing.T) {
	t.Parallel()
	n := new(networks)
	inBubble(t, n, func(t *testing.T, known, unknown networkv1.NetworkServiceClient) {
		out, err := known.GetNetwork(t.Context(), &networkv1.GetNetworkRequest{Name: name})
		require.NoError(t, err)
		require.Equal(t, name+" uid1", out.GetNetwork().GetName()+" "+out.GetNetwork().GetUid())
		require.Equal(t, 1, n.calls)

		_, err = unknown.GetNetwork(t.Context(), &networkv1.GetNetworkRequest{Name: name})
		require.True(t, fault.Is(err, fault.Unauthenticated), "%v", err)
		_, err = known.GetNetwork(t.Context(), &networkv1.GetNetworkRequest{Name: "orchid"})
		require.True(t, fault.Is(err, fault.Invalid), "%v", err)
		require.Equal(t, 1, n.calls, "the interceptors of the gateway come first")

		n.err = quota
		_, err = known.GetNetwork(t.Context(), &networkv1.GetNetworkRequest{Name: name})
		requireIntact(t, err)
	})
}

// watch starts a stream and receives its first three messages.
func watch(ctx context.Context, t *testing.T, c networkv1.NetworkServiceClient) grpc.ServerStreamingClient[networkv1.WatchNetworksResponse] {
	t.Helper()
	stream, err := c.WatchNetworks(ctx, &networkv1.WatchNetworksRequest{Parent: "organizations/acme"})
	require.NoError(t, err)
	for _, uid := range []string{"organizations/acme", "two", "three"} {
		m, err := stream.Recv()
		require.NoError(t, err)
		require.Equal(t, uid, m.GetNetwork().GetUid())
	}
	return stream
}

func TestForwardEndsAStreamThatTheClientCancels(t *testing.T) {
	t.Parallel()
	inBubble(t, new(networks), func(t *testing.T, known, unknown networkv1.NetworkServiceClient) {
		ctx, cancel := context.WithCancel(t.Context())
		stream := watch(ctx, t, known)
		cancel()
		_, err := stream.Recv()
		require.Error(t, err)

		refused, err := unknown.WatchNetworks(t.Context(), &networkv1.WatchNetworksRequest{Parent: "organizations/acme"})
		require.NoError(t, err)
		_, err = refused.Recv()
		require.True(t, fault.Is(err, fault.Unauthenticated), "%v", err)
	})
}

func TestForwardReturnsTheFaultThatEndsAStream(t *testing.T) {
	t.Parallel()
	inBubble(t, &networks{err: quota}, func(t *testing.T, known, _ networkv1.NetworkServiceClient) {
		_, err := watch(t.Context(), t, known).Recv()
		requireIntact(t, err)
	})
}

func TestRegisterPanicsForAServiceWithoutMessages(t *testing.T) {
	t.Parallel()
	require.Panics(t, func() {
		forward.Register(rpc.NewServer(rpc.ServerOptions{}), &grpc.ServiceDesc{ServiceName: "skep.none.v1.None",
			Methods: []grpc.MethodDesc{{MethodName: "Get"}}}, nil)
	})
}
