package api

import (
	"cmp"
	"maps"
	"slices"

	bastionv1 "github.com/skep-dev/skep/proto/gen/go/skep/bastion/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/services/bastion/internal/bastion"
)

// defaultType is the instance type of a host if the spec has none.
const defaultType = "t3.micro"

func instanceType(spec *bastionv1.BastionSpec) string {
	return cmp.Or(spec.GetInstanceType(), defaultType)
}

// parseSpec converts the spec of hosts in the first of the given zones. The caller makes sure
// that there are enough zones.
func parseSpec(r *bastionv1.Bastion, zones []string, network bastion.Network) bastion.Spec {
	return bastion.Spec{
		Zones: zones[:r.GetSpec().GetHosts()], InstanceType: instanceType(r.GetSpec()), ImageID: r.GetStatus().GetImageId(), Network: network,
	}
}

// provided reads the values that a network provides; n may be nil.
func provided(name string, n *networkv1.Network) bastion.Network {
	network := bastion.Network{Name: name, Subnets: make(map[string]string), SecurityGroup: n.GetStatus().GetSecurityGroups().GetBastion()}
	for _, subnet := range n.GetStatus().GetSubnets() {
		if subnet.GetTier() == networkv1.Subnet_PRIVATE {
			network.Subnets[subnet.GetZone()] = subnet.GetId()
		}
	}
	return network
}

func zoneNames(n *networkv1.Network) []string {
	var names []string
	for _, zone := range n.GetStatus().GetZones() {
		names = append(names, zone.GetName())
	}
	return names
}

// render writes the hosts into the status.
func render(r *bastionv1.Bastion, entries map[string]graph.Entry) {
	r.Status.Hosts = nil
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		e := entries[name]
		if e.ID == "" {
			continue
		}
		r.Status.Hosts = append(r.Status.Hosts, &bastionv1.BastionHost{
			Zone: name[len("instance/"):], InstanceId: e.ID, PrivateAddress: e.Attributes[bastion.PrivateAddress],
		})
	}
}
