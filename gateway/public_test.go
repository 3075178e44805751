package gateway

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheGatewayForwardsTheServicesWithREST(t *testing.T) {
	t.Parallel()
	forwarded := make(map[string][]string)
	for name, descriptions := range public() {
		for _, d := range descriptions {
			forwarded[name] = append(forwarded[name], d.ServiceName)
		}
		slices.Sort(forwarded[name])
	}
	require.Equal(t, map[string][]string{
		"network": {"skep.network.v1.NetworkService"},
		"identity": {
			"skep.identity.v1.AccountService", "skep.identity.v1.BudgetService",
			"skep.identity.v1.ClusterIdentityService", "skep.identity.v1.OrganizationService",
		},
		"ingress": {"skep.ingress.v1.ApiEndpointService", "skep.ingress.v1.IngressService"},
		"compute": {"skep.compute.v1.ControlPlaneService", "skep.compute.v1.NodePoolService"},
		"bastion": {"skep.bastion.v1.BastionService"},
	}, forwarded, "the services that issue credentials and draw budgets are not public: %v", slices.Collect(maps.Keys(forwarded)))
}
