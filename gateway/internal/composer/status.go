package composer

import (
	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"google.golang.org/protobuf/proto"

	"github.com/skep-dev/skep/libs/kind"
)

// Stages are the conditions of a cluster, one a part.
var Stages = []kind.Stage{
	{Type: "NetworkReady", Kinds: []string{"network"}},
	{Type: "IdentityReady", Kinds: []string{"cluster-identity"}},
	{Type: "ApiEndpointReady", Kinds: []string{"api-endpoint"}},
	{Type: "IngressReady", Kinds: []string{"ingress"}},
	{Type: "ControlPlaneReady", Kinds: []string{"control-plane"}},
	{Type: "NodePoolsReady", Kinds: []string{"node-pool"}},
	{Type: "BastionReady", Kinds: []string{"bastion"}},
}

// Describe writes into the status of a cluster what its parts say: the inventory
// of all of them, their states, and where the cluster is reached.
func (p *Peers) Describe(c *clusterv1.Cluster) {
	status := c.GetStatus()
	status.Parts, status.Resources = nil, nil
	composed := p.Compose(c)
	for _, part := range composed.parts {
		there, ok := part.inventory()
		if !ok {
			if c.GetDeleteTime() == nil {
				status.Parts = append(status.Parts, &clusterv1.ClusterPart{Name: part.Name(), State: typev1.State_STATE_UNSPECIFIED})
			}
			continue
		}
		summary := &clusterv1.ClusterPart{Name: there.GetName(), State: kind.State(there)}
		for _, condition := range kind.Conditions(there) {
			if condition.GetType() == "Ready" && condition.GetStatus() != typev1.Condition_TRUE {
				summary.Message = condition.GetMessage()
			}
		}
		for _, item := range kind.Inventory(there) {
			summary.Declared++
			if item.GetState() == typev1.InventoryItem_READY {
				summary.Ready++
			}
			listed := proto.CloneOf(item)
			listed.Name = part.Name() + "/" + item.GetName()
			status.Resources = append(status.Resources, listed)
		}
		status.Parts = append(status.Parts, summary)
	}
	p.address(c)
}

// address writes where the cluster is reached and where its traffic comes from.
func (p *Peers) address(c *clusterv1.Cluster) {
	of := &naming{cluster: c}
	if endpoint, ok := p.APIEndpoint.Find(of.name(kind.ApiEndpoints)); ok && endpoint.GetStatus().GetHost() != "" {
		c.Status.ApiUrl = "https://" + endpoint.GetStatus().GetHost()
	}
	if ingress, ok := p.Ingress.Find(of.name(kind.Ingresses)); ok {
		c.Status.IngressHost = ingress.GetStatus().GetHost()
	}
	if network, ok := p.Network.Find(of.name(kind.Networks)); ok {
		c.Status.EgressAddresses = network.GetStatus().GetEgressAddresses()
	}
}
