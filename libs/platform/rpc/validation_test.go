package rpc_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/platform/fault"
)

func TestOneAnswerNamesEveryInvalidField(t *testing.T) {
	t.Parallel()
	s := &service{apply: func(*networkv1.Network) error { t.Error("the service ran"); return nil }}
	inBubble(t, s, func(t *testing.T, p *process) {
		_, err := p.ApplyNetwork(t.Context(), &networkv1.ApplyNetworkRequest{Network: &networkv1.Network{
			Name:   "orchid",
			Labels: map[string]string{"tier": "very golden"},
			Spec: &networkv1.NetworkSpec{
				Account: "organizations/acme/accounts/prod", Region: "nowhere", Vpc: &networkv1.ManagedVpc{Zones: 9},
				Access: &networkv1.NetworkAccess{ApiCidrs: []string{"10.0.0.0/8", "home"}},
			},
		}})
		var paths []string
		for _, field := range received(t, err).Fields {
			require.NotEmpty(t, field.Message)
			paths = append(paths, field.Path)
		}
		require.Equal(t, fault.Invalid, fault.Of(err).Kind)
		require.Equal(t, []string{
			"name", `labels["tier"]`, "spec.region", "spec.vpc.zones", "spec.access.apiCidrs[1]",
		}, paths)
	})
}

func TestAnInvalidMessageEndsAStream(t *testing.T) {
	t.Parallel()
	s := &service{watch: func(grpc.ServerStreamingServer[networkv1.WatchNetworksResponse]) error {
		t.Error("the service ran")
		return nil
	}}
	inBubble(t, s, func(t *testing.T, p *process) {
		stream, err := p.WatchNetworks(t.Context(), &networkv1.WatchNetworksRequest{Parent: "acme"})
		require.NoError(t, err)
		_, err = stream.Recv()
		require.Equal(t, "parent", received(t, err).Fields[0].Path)
	})
}
