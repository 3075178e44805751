package composer

import (
	"maps"
	"slices"

	"google.golang.org/protobuf/proto"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/reconciler"
)

// Stages are the conditions of a cluster, one for each component.
var Stages = []reconciler.Stage{
	{Type: "NetworkReady", ResourceTypes: []string{"network", "adoption", "adopted-network"}},
	{Type: "IdentityReady", ResourceTypes: []string{"cluster-identity"}},
	{Type: "ApiEndpointReady", ResourceTypes: []string{"api-endpoint"}},
	{Type: "IngressReady", ResourceTypes: []string{"ingress"}},
	{Type: "ControlPlaneReady", ResourceTypes: []string{"control-plane"}},
	{Type: "NodePoolsReady", ResourceTypes: []string{"node-pool"}},
	{Type: "BastionReady", ResourceTypes: []string{"bastion"}},
}

// Describe writes into the status of a cluster what its components report: the inventory
// of all of them, their states, and the addresses of the cluster. The ledger entries add
// the components that the spec no longer contains and that are being deleted.
func (s *ComponentClients) Describe(c *clusterv1.Cluster, entries map[string]graph.Entry) {
	c.Status.Components, c.Status.Resources = nil, nil
	composed := s.Compose(c)
	for _, component := range composed.components {
		s.describe(c, component.label(), component.Key(), component)
	}
	factories := s.Factories(c)
	for _, label := range slices.Sorted(maps.Keys(entries)) {
		if component, ok := factories[graph.TypeOf(label)]().(anyComponent); ok && !composed.Graph.Declares(label) {
			s.describe(c, label, entries[label].ID, component)
		}
	}
	s.address(c)
}

// describe adds one component to the status of a cluster.
func (s *ComponentClients) describe(c *clusterv1.Cluster, label, name string, component anyComponent) {
	observed, ok := component.find(name)
	if !ok {
		if c.GetDeleteTime() == nil {
			c.Status.Components = append(c.Status.Components, &clusterv1.ClusterComponent{Name: name, Label: label})
		}
		return
	}
	summary := &clusterv1.ClusterComponent{Name: name, Label: label, State: object.State(observed)}
	if ready := object.Condition(observed, object.ConditionReady); ready.GetStatus() != typev1.Condition_TRUE {
		summary.Message = ready.GetMessage()
	}
	for _, item := range object.Inventory(observed) {
		summary.Desired++
		if item.GetState() == typev1.InventoryItem_READY {
			summary.Ready++
		}
		listed := proto.CloneOf(item)
		listed.Name = label + "/" + item.GetName()
		c.Status.Resources = append(c.Status.Resources, listed)
	}
	c.Status.Components = append(c.Status.Components, summary)
}

// address writes the addresses of the API and the ingress, and the egress addresses.
func (s *ComponentClients) address(c *clusterv1.Cluster) {
	names := &naming{cluster: c}
	if endpoint, ok := s.APIEndpoint.Find(names.name(object.ApiEndpoints)); ok && endpoint.GetStatus().GetHost() != "" {
		c.Status.ApiUrl = "https://" + endpoint.GetStatus().GetHost()
	}
	if ingress, ok := s.Ingress.Find(names.name(object.Ingresses)); ok {
		c.Status.IngressHost = ingress.GetStatus().GetHost()
	}
	if network, ok := s.Network.Find(names.network()); ok {
		c.Status.EgressAddresses = network.GetStatus().GetEgressAddresses()
	}
}
