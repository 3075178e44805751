package api

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"

	computev1 "github.com/skep-dev/skep/proto/gen/go/skep/compute/v1"
	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
	ingressv1 "github.com/skep-dev/skep/proto/gen/go/skep/ingress/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/services/compute/internal/compute"
)

// defaultEtcdGiB is the size of an etcd volume in GiB if the spec has none.
const defaultEtcdGiB = 50

// parseControlPlane converts the spec of a control plane.
func parseControlPlane(r *computev1.ControlPlane, p provided) compute.ControlPlaneSpec {
	spec := r.GetSpec()
	return compute.ControlPlaneSpec{
		Replicas: int(spec.GetReplicas()), InstanceType: spec.GetInstanceType(), ImageID: r.GetStatus().GetImageId(),
		EtcdVolumeGiB: cmp.Or(spec.GetEtcdVolumeGib(), defaultEtcdGiB), KubernetesVersion: spec.GetKubernetesVersion(),
		Network: p.network, Endpoint: p.endpoint,
		Identity: compute.Identity{From: p.identityName, Profile: p.identity.GetStatus().GetControlPlane().GetName()},
	}
}

// parseNodePool converts the spec of a node pool.
func parseNodePool(r *computev1.NodePool, p provided) compute.NodePoolSpec {
	spec := r.GetSpec()
	return compute.NodePoolSpec{
		Pool: spec.GetPool(), InstanceTypes: spec.GetInstanceTypes(), ImageID: r.GetStatus().GetImageId(),
		Min: spec.GetMinSize(), Max: spec.GetMaxSize(), Labels: spec.GetNodeLabels(), KubernetesVersion: spec.GetKubernetesVersion(),
		Network: p.network, Endpoint: p.endpoint, Ingress: p.ingress,
		Identity: compute.Identity{From: p.identityName, Profile: p.identity.GetStatus().GetNode().GetName()},
	}
}

// provided holds the values that other services provide so far.
type provided struct {
	network      compute.Network
	endpoint     compute.Endpoint
	ingress      *compute.Ingress
	identityName string
	identity     *identityv1.ClusterIdentity
}

// parseNetwork reads the values that a network provides; n may be nil.
func parseNetwork(name string, n *networkv1.Network, zones []string) compute.Network {
	groups := n.GetStatus().GetSecurityGroups()
	network := compute.Network{From: name, Zones: zones, Subnets: make(map[string]string), SecurityGroups: compute.SecurityGroups{
		ControlPlane: groups.GetControlPlane(), Node: groups.GetNode(), LoadBalancer: groups.GetLoadBalancer(),
	}}
	for _, subnet := range n.GetStatus().GetSubnets() {
		if subnet.GetTier() == networkv1.Subnet_PRIVATE {
			network.Subnets[subnet.GetZone()] = subnet.GetId()
		}
	}
	return network
}

// parseEndpoint reads the values that an API endpoint provides; e may be nil.
func parseEndpoint(name string, e *ingressv1.ApiEndpoint) compute.Endpoint {
	endpoint := compute.Endpoint{From: name, TargetGroup: e.GetStatus().GetTargetGroupArn()}
	if host := e.GetStatus().GetHost(); host != "" {
		endpoint.Host = fmt.Sprintf("%s:%d", host, e.GetStatus().GetPort())
	}
	return endpoint
}

func zoneNames(n *networkv1.Network) []string {
	var names []string
	for _, zone := range n.GetStatus().GetZones() {
		names = append(names, zone.GetName())
	}
	return names
}

// renderControlPlane writes the members into the status.
func renderControlPlane(r *computev1.ControlPlane, entries map[string]graph.Entry) {
	r.Status.Members = nil
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		if graph.TypeOf(name) != "instance" || entries[name].ID == "" {
			continue
		}
		member := name[len("instance/"):]
		nic := entries["network-interface/"+member]
		r.Status.Members = append(r.Status.Members, &computev1.ControlPlaneMember{
			Zone: nic.Attributes[compute.Zone], InstanceId: entries[name].ID,
			PrivateAddress: nic.Attributes[compute.PrivateAddress], EtcdVolumeId: entries["etcd-volume/"+member].ID,
		})
	}
}

// renderNodePool writes the group into the status.
func renderNodePool(r *computev1.NodePool, entries map[string]graph.Entry) {
	group := entries["auto-scaling-group"]
	r.Status.AutoScalingGroup = group.ID
	serving, _ := strconv.ParseInt(group.Attributes[compute.InService], 10, 32)
	r.Status.InService = int32(serving)
}
