package rpc_test

import (
	"context"
	"crypto/tls"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	reflectionv1alpha "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/platform/rpc"
)

func TestTheServiceReceivesTheCaller(t *testing.T) {
	t.Parallel()
	var callers []rpc.Principal
	note := func(ctx context.Context) error {
		caller, known := rpc.Caller(ctx)
		require.True(t, known)
		callers = append(callers, caller)
		return nil
	}
	s := &service{get: note, watch: func(stream grpc.ServerStreamingServer[networkv1.WatchNetworksResponse]) error {
		return note(stream.Context())
	}}
	inBubble(t, s, func(t *testing.T, p *process) {
		_, err := p.GetNetwork(t.Context(), getOrchid)
		require.NoError(t, err)
		stream, err := p.WatchNetworks(t.Context(), watchAcme)
		require.NoError(t, err)
		_, err = stream.Recv()
		require.Error(t, err)
	})
	admin := rpc.Principal{Name: "admin", Roles: []string{"admin"}}
	require.Equal(t, []rpc.Principal{admin, admin}, callers)
}

func TestACallWithoutAValidTokenIsRefused(t *testing.T) {
	t.Parallel()
	refuse := func(context.Context) error { t.Error("the service ran"); return nil }
	s := &service{get: refuse, watch: func(stream grpc.ServerStreamingServer[networkv1.WatchNetworksResponse]) error {
		return refuse(stream.Context())
	}}
	for name, headers := range map[string][]string{
		"without a token":     nil,
		"with an empty token": {"Bearer "},
		"with a wrong token":  {"Bearer wrong"},
		"with another scheme": {"Basic " + adminToken},
		"with the bare token": {adminToken},
		"with two tokens":     {"Bearer " + adminToken, "Bearer wrong"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, s, func(t *testing.T, p *process) {
				connection := p.dial(t, "")
				client := networkv1.NewNetworkServiceClient(connection)
				ctx := t.Context()
				for _, header := range headers {
					ctx = metadata.AppendToOutgoingContext(ctx, "authorization", header)
				}
				// An unauthenticated caller does not learn what is wrong with its request.
				_, err := client.GetNetwork(ctx, &networkv1.GetNetworkRequest{})
				require.Equal(t, fault.Unauthenticated, received(t, err).Kind)
				stream, err := client.WatchNetworks(ctx, watchAcme)
				require.NoError(t, err)
				_, err = stream.Recv()
				require.Equal(t, fault.Unauthenticated, received(t, err).Kind)
				require.NoError(t, connection.Close())
			})
		})
	}
}

func TestHealthAndReflectionAnswerWithoutAToken(t *testing.T) {
	t.Parallel()
	inBubble(t, &service{}, func(t *testing.T, p *process) {
		connection := p.dial(t, "")
		name := networkv1.NetworkService_ServiceDesc.ServiceName
		health := grpc_health_v1.NewHealthClient(connection)
		for _, of := range []string{"", name} {
			answer, err := health.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: of})
			require.NoError(t, err)
			require.Equal(t, grpc_health_v1.HealthCheckResponse_SERVING, answer.GetStatus())
		}
		p.server.SetServing(name, false)
		answer, err := health.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{Service: name})
		require.NoError(t, err)
		require.Equal(t, grpc_health_v1.HealthCheckResponse_NOT_SERVING, answer.GetStatus())

		stream, err := reflectionv1.NewServerReflectionClient(connection).ServerReflectionInfo(t.Context())
		require.NoError(t, err)
		require.NoError(t, stream.Send(&reflectionv1.ServerReflectionRequest{MessageRequest: &reflectionv1.ServerReflectionRequest_ListServices{}}))
		reflected, err := stream.Recv()
		require.NoError(t, err)
		require.Contains(t, reflected.String(), name)

		alpha, err := reflectionv1alpha.NewServerReflectionClient(connection).ServerReflectionInfo(t.Context())
		require.NoError(t, err)
		//nolint:staticcheck // old clients still use the deprecated protocol
		require.NoError(t, alpha.Send(&reflectionv1alpha.ServerReflectionRequest{MessageRequest: &reflectionv1alpha.ServerReflectionRequest_ListServices{}}))
		reflectedAlpha, err := alpha.Recv()
		require.NoError(t, err)
		require.Contains(t, reflectedAlpha.String(), name)
		require.NoError(t, connection.Close())
	})
}

func TestATokenIsSentUnencryptedToThisMachineOnly(t *testing.T) {
	t.Parallel()
	for target, local := range map[string]bool{
		"127.0.0.1:9090": true, "localhost:9090": true, "[::1]:9090": true, "dns:///localhost:9090": true, "unix:///run/skep.sock": true,
		"10.0.0.1:9090": false, "identity:9090": false, "dns:///identity.skep:9090": false, "localhost.example.com:9090": false,
	} {
		connection, err := rpc.Dial(target, rpc.ClientOptions{Token: adminToken})
		if local {
			require.NoError(t, err, target)
			require.NoError(t, connection.Close())
			continue
		}
		require.ErrorContains(t, err, "without TLS", target)
		require.NotContains(t, err.Error(), adminToken)
		for _, o := range []rpc.ClientOptions{{}, {Token: adminToken, Plaintext: true}, {Token: adminToken, TLS: &tls.Config{MinVersion: tls.VersionTLS13}}} {
			connection, err := rpc.Dial(target, o)
			require.NoError(t, err, target)
			require.NoError(t, connection.Close())
		}
	}
}
