package methods_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/internal/enginetest"
	"github.com/skep-dev/skep/libs/engine/methods"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/platform/rpc"
)

// serve serves the networks of a store by their contract, and connects to them.
func serve(t *testing.T, b *enginetest.Bench, custom map[string]methods.Unary) grpc.ClientConnInterface {
	t.Helper()
	server := rpc.NewServer(rpc.ServerOptions{})
	(&methods.Server[*networkv1.Network]{
		Collection: b.Networks(), Custom: custom,
		Plan: func(_ context.Context, desired *networkv1.Network, assumeZones []string) ([]*typev1.PlannedAction, []string, error) {
			return []*typev1.PlannedAction{{Resource: "vpc", Owner: desired.GetName()}}, assumeZones, nil
		},
	}).Register(server)
	t.Cleanup(server.Close)
	return server.Loopback()
}

// explain is the method of the contract that is not standard.
var explain = map[string]methods.Unary{"ExplainNetworkDelete": methods.Custom(
	func(_ context.Context, in *networkv1.ExplainNetworkDeleteRequest) (*networkv1.ExplainNetworkDeleteResponse, error) {
		return &networkv1.ExplainNetworkDeleteResponse{Dependents: []*typev1.Dependent{{Id: in.GetName()}}}, nil
	},
)}

func TestTheClientCallsTheServerByTheContract(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		client := methods.NewClient[*networkv1.Network](serve(t, b, explain), object.Networks)
		_, err := client.Get(t.Context(), enginetest.Name)
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		require.NoError(t, client.Validate(t.Context(), enginetest.Network()))
		require.Zero(t, b.Puts, "a validation stores nothing")
		require.NoError(t, client.Apply(t.Context(), enginetest.Network()))
		there, err := client.Get(t.Context(), enginetest.Name)
		require.NoError(t, err)
		require.Equal(t, "10.0.0.0/16", there.GetSpec().GetVpc().GetCidr())
		actions, zones, err := client.Plan(t.Context(), enginetest.Network(), []string{"a", "b"})
		require.NoError(t, err)
		require.Equal(t, []string{"a", "b"}, zones)
		require.Equal(t, enginetest.Name, actions[0].GetOwner())
		require.NoError(t, client.Delete(t.Context(), enginetest.Name, there.GetUid()))
		there, err = client.Get(t.Context(), enginetest.Name)
		require.NoError(t, err)
		require.NotNil(t, there.GetDeleteTime())
		require.NoError(t, client.Delete(t.Context(), "organizations/acme/networks/none", ""), "NotFound is success")
	})
}

func TestGeneratedClientsAreServed(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		client := networkv1.NewNetworkServiceClient(serve(t, b, explain))
		for _, id := range []string{"orchid", "tulip"} {
			network := enginetest.NetworkNamed("organizations/acme/networks/" + id)
			applied, err := client.ApplyNetwork(t.Context(), &networkv1.ApplyNetworkRequest{Network: network})
			require.NoError(t, err)
			require.NotEmpty(t, applied.GetNetwork().GetUid())
		}
		page, err := client.ListNetworks(t.Context(), &networkv1.ListNetworksRequest{Parent: "organizations/acme", PageSize: 1})
		require.NoError(t, err)
		require.Len(t, page.GetNetworks(), 1)
		require.NotEmpty(t, page.GetNextPageToken())
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		watch, err := client.WatchNetworks(ctx, &networkv1.WatchNetworksRequest{Parent: "organizations/acme"})
		require.NoError(t, err)
		var names []string
		for {
			message, err := watch.Recv()
			require.NoError(t, err)
			if message.GetSynced() {
				break
			}
			names = append(names, message.GetNetwork().GetName())
		}
		require.Equal(t, []string{"organizations/acme/networks/orchid", "organizations/acme/networks/tulip"}, names)
		explained, err := client.ExplainNetworkDelete(t.Context(), &networkv1.ExplainNetworkDeleteRequest{Name: enginetest.Name})
		require.NoError(t, err)
		require.Equal(t, enginetest.Name, explained.GetDependents()[0].GetId())
	})
}

func TestAMethodWithoutAnAnswerPanicsAtRegistration(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		require.PanicsWithValue(t, "methods: nothing answers skep.network.v1.NetworkService.ExplainNetworkDelete", func() { serve(t, b, nil) })
	})
}
