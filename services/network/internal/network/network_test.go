package network_test

import (
	"net/netip"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/sim/graphtest"
	"github.com/skep-dev/skep/services/network/internal/network"
)

var owner = session.Owner{Installation: "test", Organization: "acme", Cluster: "orchiduid1", ClusterName: "orchid", Component: "networks/orchid"}

func spec(t *testing.T, egress network.Egress, zones ...string) network.Spec {
	t.Helper()
	cidr := netip.MustParsePrefix("10.0.0.0/16")
	carved, err := network.Carve(cidr, zones)
	require.NoError(t, err)
	return network.Spec{Region: graphtest.Region, CIDR: cidr, Zones: carved, Egress: egress, Access: network.Access{
		APIPort: 443, Bastion: true, VPN: []netip.Prefix{netip.MustParsePrefix("192.168.0.0/16")},
		API: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")},
	}}
}

func subject(s network.Spec, golden string) graphtest.Subject {
	return graphtest.Subject{
		Build:     func(c aws.Config) *graph.Graph { return network.Resources(s, ec2.NewFromConfig(c), owner) },
		Factories: func(c aws.Config) graph.Factories { return network.Factories(ec2.NewFromConfig(c), owner) },
		Golden:    golden,
	}
}

func TestNetworkObeysTheGraphLaws(t *testing.T) {
	graphtest.Laws(t, subject(spec(t, network.NATPerZone, "eu-central-1a", "eu-central-1b"), "two_zones.golden"))
}

func TestNetworkWithOneNATGatewayObeysTheGraphLaws(t *testing.T) {
	graphtest.Laws(t, subject(spec(t, network.NATSingle, "eu-central-1a", "eu-central-1b"), "single_nat.golden"))
}
