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

// Stages are the conditions of a cluster, one a part.
var Stages = []reconciler.Stage{
	{Type: "NetworkReady", ResourceTypes: []string{"network", "adoption", "adopted-network"}},
	{Type: "IdentityReady", ResourceTypes: []string{"cluster-identity"}},
	{Type: "ApiEndpointReady", ResourceTypes: []string{"api-endpoint"}},
	{Type: "IngressReady", ResourceTypes: []string{"ingress"}},
	{Type: "ControlPlaneReady", ResourceTypes: []string{"control-plane"}},
	{Type: "NodePoolsReady", ResourceTypes: []string{"node-pool"}},
	{Type: "BastionReady", ResourceTypes: []string{"bastion"}},
}

// Describe writes into the status of a cluster what its parts say: the inventory
// of all of them, their states, and where the cluster is reached. Entries are what
// its ledger remembers, among them parts that are on their way out.
func (p *ComponentClients) Describe(c *clusterv1.Cluster, entries map[string]graph.Entry) {
	c.Status.Parts, c.Status.Resources = nil, nil
	composed := p.Compose(c)
	for _, part := range composed.parts {
		p.describe(c, part.label(), part.Key(), part)
	}
	kinds := p.Kinds(c)
	for _, label := range slices.Sorted(maps.Keys(entries)) {
		if part, ok := kinds[graph.TypeOf(label)]().(anyComponent); ok && !composed.Graph.Declares(label) {
			p.describe(c, label, entries[label].ID, part)
		}
	}
	p.address(c)
}

// describe adds one part to the status of a cluster.
func (p *ComponentClients) describe(c *clusterv1.Cluster, label, name string, part anyComponent) {
	there, ok := part.find(name)
	if !ok {
		if c.GetDeleteTime() == nil {
			c.Status.Parts = append(c.Status.Parts, &clusterv1.ClusterPart{Name: name, Label: label})
		}
		return
	}
	summary := &clusterv1.ClusterPart{Name: name, Label: label, State: object.State(there)}
	for _, condition := range object.Conditions(there) {
		if condition.GetType() == "Ready" && condition.GetStatus() != typev1.Condition_TRUE {
			summary.Message = condition.GetMessage()
		}
	}
	for _, item := range object.Inventory(there) {
		summary.Declared++
		if item.GetState() == typev1.InventoryItem_READY {
			summary.Ready++
		}
		listed := proto.CloneOf(item)
		listed.Name = label + "/" + item.GetName()
		c.Status.Resources = append(c.Status.Resources, listed)
	}
	c.Status.Parts = append(c.Status.Parts, summary)
}

// address writes where the cluster is reached and where its traffic comes from.
func (p *ComponentClients) address(c *clusterv1.Cluster) {
	of := &naming{cluster: c}
	if endpoint, ok := p.APIEndpoint.Find(of.name(object.ApiEndpoints)); ok && endpoint.GetStatus().GetHost() != "" {
		c.Status.ApiUrl = "https://" + endpoint.GetStatus().GetHost()
	}
	if ingress, ok := p.Ingress.Find(of.name(object.Ingresses)); ok {
		c.Status.IngressHost = ingress.GetStatus().GetHost()
	}
	if network, ok := p.Network.Find(of.network()); ok {
		c.Status.EgressAddresses = network.GetStatus().GetEgressAddresses()
	}
}
