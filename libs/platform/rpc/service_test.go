package rpc_test

import (
	"context"
	"net"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/test/bufconn"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/platform/rpc"
)

const adminToken = "correct-horse-battery-staple"

// service is a network service whose behavior each test sets.
type service struct {
	networkv1.UnimplementedNetworkServiceServer
	get   func(context.Context) error
	apply func(*networkv1.Network) error
	watch func(grpc.ServerStreamingServer[networkv1.WatchNetworksResponse]) error
}

func (s *service) GetNetwork(ctx context.Context, request *networkv1.GetNetworkRequest) (*networkv1.GetNetworkResponse, error) {
	if s.get != nil {
		if err := s.get(ctx); err != nil {
			return nil, err
		}
	}
	return &networkv1.GetNetworkResponse{Network: &networkv1.Network{Name: request.GetName()}}, nil
}

func (s *service) ApplyNetwork(_ context.Context, request *networkv1.ApplyNetworkRequest) (*networkv1.ApplyNetworkResponse, error) {
	return &networkv1.ApplyNetworkResponse{Network: request.GetNetwork()}, s.apply(request.GetNetwork())
}

func (s *service) WatchNetworks(_ *networkv1.WatchNetworksRequest, stream grpc.ServerStreamingServer[networkv1.WatchNetworksResponse]) error {
	return s.watch(stream)
}

// process is a server, and a client of it with the admin token.
type process struct {
	networkv1.NetworkServiceClient
	server     *rpc.Server
	connection *grpc.ClientConn
	listener   *bufconn.Listener
	stop       context.CancelFunc
	stopped    chan error
}

// inBubble runs a test in virtual time against a served service, and stops server and client at its end.
func inBubble(t *testing.T, s *service, test func(*testing.T, *process)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		p := &process{stop: stop, listener: bufconn.Listen(64 << 10), stopped: make(chan error, 1)}
		p.server = rpc.NewServer(rpc.ServerOptions{
			Authenticate: rpc.TokenAuthenticator(map[string]rpc.Principal{adminToken: {Name: "admin", Roles: []string{"admin"}}}),
		})
		networkv1.RegisterNetworkServiceServer(p.server, s)
		go func() { p.stopped <- p.server.ServeListener(p.listener)(ctx) }()
		p.connection = p.dial(t, adminToken)
		p.NetworkServiceClient = networkv1.NewNetworkServiceClient(p.connection)
		test(t, p)
		require.NoError(t, p.connection.Close())
		stop()
		require.NoError(t, <-p.stopped)
	})
}

func (p *process) dial(t *testing.T, token string) *grpc.ClientConn {
	t.Helper()
	connection, err := rpc.Dial("passthrough:///bubble", rpc.ClientOptions{
		Token:  token,
		Dialer: func(ctx context.Context, _ string) (net.Conn, error) { return p.listener.DialContext(ctx) },
	})
	require.NoError(t, err)
	return connection
}

var getOrchid = &networkv1.GetNetworkRequest{Name: "organizations/acme/networks/orchid"}

var watchAcme = &networkv1.WatchNetworksRequest{Parent: "organizations/acme"}
