package network_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/service"
	"github.com/skep-dev/skep/libs/sim/suite"
	"github.com/skep-dev/skep/services/network"
)

var alone = suite.Options{DirectCredentials: true, Services: map[string]service.Constructor{network.Name: network.New}}

const name = "organizations/demo/networks/orchid"

func wanted() *networkv1.Network {
	return &networkv1.Network{Name: name, Spec: &networkv1.NetworkSpec{
		Account: "organizations/demo/accounts/main", Region: "eu-central-1",
		Vpc: &networkv1.ManagedVpc{Cidr: "10.0.0.0/16", Zones: 3, Egress: networkv1.ManagedVpc_NAT_PER_ZONE},
	}}
}

func TestNetworkBecomesReadyStaysUnchangedAndIsDeleted(t *testing.T) {
	suite.Run(t, alone, func(t *testing.T, w *suite.Suite) {
		ctx := suite.Context(t)
		client := networkv1.NewNetworkServiceClient(w.Client(network.Name))
		began := time.Now()
		_, err := client.ApplyNetwork(ctx, &networkv1.ApplyNetworkRequest{Network: wanted()})
		require.NoError(t, err)

		stream, err := client.WatchNetworks(ctx, &networkv1.WatchNetworksRequest{Parent: "organizations/demo"})
		require.NoError(t, err)
		ready := suite.Await(t, stream.Recv, func(m *networkv1.WatchNetworksResponse) bool {
			return m.GetNetwork().GetStatus().GetState() == typev1.State_READY
		}).GetNetwork()
		t.Logf("ready after %s with %v", time.Since(began), w.AWS.CountCalls())
		require.Len(t, ready.GetStatus().GetSubnets(), 6)
		require.Len(t, ready.GetStatus().GetEgressAddresses(), 3)

		mutations := len(w.AWS.Mutations())
		time.Sleep(time.Hour)
		require.Len(t, w.AWS.Mutations(), mutations, "a ready network was changed")

		_, err = client.DeleteNetwork(ctx, &networkv1.DeleteNetworkRequest{Name: name})
		require.NoError(t, err)
		suite.Await(t, stream.Recv, func(m *networkv1.WatchNetworksResponse) bool { return m.GetDeleted() })
		require.Empty(t, w.AWS.String())
		require.Zero(t, w.AWS.Throttles())
	})
}
