package composer

import (
	"context"
	"maps"
	"slices"
	"strings"

	bastionv1 "github.com/skep-dev/skep/proto/gen/go/skep/bastion/v1"
	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	computev1 "github.com/skep-dev/skep/proto/gen/go/skep/compute/v1"
	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
	ingressv1 "github.com/skep-dev/skep/proto/gen/go/skep/ingress/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/engine/object"
)

// ComponentClients are the clients of all object types of components.
type ComponentClients struct {
	Network         *ComponentClient[*networkv1.Network]
	ClusterIdentity *ComponentClient[*identityv1.ClusterIdentity]
	APIEndpoint     *ComponentClient[*ingressv1.ApiEndpoint]
	Ingress         *ComponentClient[*ingressv1.Ingress]
	ControlPlane    *ComponentClient[*computev1.ControlPlane]
	NodePool        *ComponentClient[*computev1.NodePool]
	Bastion         *ComponentClient[*bastionv1.Bastion]
}

// Cluster is a composed cluster: its components, and the graph of them.
type Cluster struct {
	Graph      *graph.Graph
	components []anyComponent
	// claim is the claim on the network that the cluster adopts; nil if it has its own.
	claim *Adoption
	uid   string
}

// Compose returns the bill of materials of a cluster: its components, in the order in
// which the status lists them.
func (s *ComponentClients) Compose(c *clusterv1.Cluster) *Cluster {
	spec, names := c.GetSpec(), &naming{cluster: c}
	composed := &Cluster{Graph: new(graph.Graph), uid: c.GetUid()}
	owner := ownerReference(c)

	network := &networkv1.Network{Name: names.network(), Spec: &networkv1.NetworkSpec{
		Account: spec.GetAccount(), Region: spec.GetRegion(), Cluster: owner,
		Vpc: spec.GetNetwork().GetManaged(), VolumeRetention: spec.GetVolumeRetention(),
		Access: &networkv1.NetworkAccess{
			ApiCidrs: spec.GetControlPlane().GetApiCidrs(),
			VpnCidrs: spec.GetBastion().GetVpnCidrs(),
			Bastion:  spec.GetBastion() != nil,
		},
	}}
	if spec.GetNetwork().GetExisting() != "" {
		composed.adopt(s.Network, owner, network)
	} else {
		add(composed, s.Network, "network", network)
	}
	add(composed, s.ClusterIdentity, "cluster-identity", &identityv1.ClusterIdentity{Name: names.name(object.ClusterIdentities), Spec: &identityv1.ClusterIdentitySpec{
		Account: spec.GetAccount(), Region: spec.GetRegion(), Cluster: owner,
	}})
	add(composed, s.APIEndpoint, "api-endpoint", &ingressv1.ApiEndpoint{Name: names.name(object.ApiEndpoints), Spec: &ingressv1.ApiEndpointSpec{
		Account: spec.GetAccount(), Region: spec.GetRegion(), Cluster: owner, Network: names.network(),
		ZoneName: object.ID(c.GetName()) + "." + spec.GetIngress().GetDomain(),
	}})
	add(composed, s.Ingress, "ingress", &ingressv1.Ingress{Name: names.name(object.Ingresses), Spec: &ingressv1.IngressSpec{
		Account: spec.GetAccount(), Region: spec.GetRegion(), Cluster: owner, Network: names.network(),
		ApiEndpoint: names.name(object.ApiEndpoints), LoadBalancer: spec.GetIngress().GetLoadBalancer(),
	}})
	add(composed, s.ControlPlane, "control-plane", &computev1.ControlPlane{Name: names.name(object.ControlPlanes), Spec: &computev1.ControlPlaneSpec{
		Account: spec.GetAccount(), Region: spec.GetRegion(), Cluster: owner, Network: names.network(),
		ClusterIdentity: names.name(object.ClusterIdentities), ApiEndpoint: names.name(object.ApiEndpoints),
		KubernetesVersion: spec.GetKubernetesVersion(),
		Replicas:          spec.GetControlPlane().GetSelfManaged().GetReplicas(),
		InstanceType:      spec.GetControlPlane().GetSelfManaged().GetInstanceType(),
	}})
	for _, pool := range slices.Sorted(maps.Keys(spec.GetNodePools())) {
		desired := spec.GetNodePools()[pool]
		add(composed, s.NodePool, "node-pool/"+pool, &computev1.NodePool{Name: names.pool(pool), Spec: &computev1.NodePoolSpec{
			Account: spec.GetAccount(), Region: spec.GetRegion(), Cluster: owner, Network: names.network(),
			ClusterIdentity: names.name(object.ClusterIdentities), ApiEndpoint: names.name(object.ApiEndpoints),
			Ingress: names.name(object.Ingresses), KubernetesVersion: spec.GetKubernetesVersion(), Pool: pool,
			InstanceTypes: desired.GetInstanceTypes(), MinSize: desired.GetMinSize(), MaxSize: desired.GetMaxSize(),
			NodeLabels: desired.GetLabels(),
		}})
	}
	if bastion := spec.GetBastion(); bastion != nil {
		add(composed, s.Bastion, "bastion", &bastionv1.Bastion{Name: names.name(object.Bastions), Spec: &bastionv1.BastionSpec{
			Account: spec.GetAccount(), Region: spec.GetRegion(), Cluster: owner, Network: names.network(),
			Hosts: bastion.GetHosts(),
		}})
	}
	return composed
}

// Factories returns the constructors of components that the deletion of this cluster needs.
func (s *ComponentClients) Factories(c *clusterv1.Cluster) graph.Factories {
	uid, claim := c.GetUid(), func() *Adoption {
		return &Adoption{Client: s.Network, Cluster: adopterReference(ownerReference(c))}
	}
	return graph.Factories{
		"network":         func() graph.Resource { return &Component[*networkv1.Network]{Client: s.Network, Cluster: uid} },
		"adoption":        func() graph.Resource { return claim() },
		"adopted-network": func() graph.Resource { return &Adopted{Claim: claim()} },
		"cluster-identity": func() graph.Resource {
			return &Component[*identityv1.ClusterIdentity]{Client: s.ClusterIdentity, Cluster: uid}
		},
		"api-endpoint": func() graph.Resource { return &Component[*ingressv1.ApiEndpoint]{Client: s.APIEndpoint, Cluster: uid} },
		"ingress":      func() graph.Resource { return &Component[*ingressv1.Ingress]{Client: s.Ingress, Cluster: uid} },
		"control-plane": func() graph.Resource {
			return &Component[*computev1.ControlPlane]{Client: s.ControlPlane, Cluster: uid}
		},
		"node-pool": func() graph.Resource { return &Component[*computev1.NodePool]{Client: s.NodePool, Cluster: uid} },
		"bastion":   func() graph.Resource { return &Component[*bastionv1.Bastion]{Client: s.Bastion, Cluster: uid} },
	}
}

// Check returns the fault that applying the components would cause, with all bad fields.
// The path of a bad field is its path in the document of the cluster.
func (c *Cluster) Check(ctx context.Context) error { return checkAll(ctx, c.components) }

func add[R object.Object](c *Cluster, client *ComponentClient[R], label string, desired R) {
	component := &Component[R]{Client: client, Label: label, Cluster: c.uid, Claim: c.claim, Desired: desired}
	c.components = append(c.components, graph.Add(c.Graph, component))
}

// adopt adds the claim on a standalone network, which the cluster does not create.
func (c *Cluster) adopt(client *ComponentClient[*networkv1.Network], owner *typev1.ClusterReference, network *networkv1.Network) {
	c.claim = graph.Add(c.Graph, &Adoption{Client: client, Cluster: adopterReference(owner), Desired: network})
	graph.Add(c.Graph, &Adopted{Claim: c.claim})
	c.components = append(c.components, c.claim)
}

// ownerReference returns the owner reference that the components of a cluster have.
func ownerReference(c *clusterv1.Cluster) *typev1.ClusterReference {
	return &typev1.ClusterReference{Name: c.GetName(), Uid: c.GetUid(), CreateTime: c.GetCreateTime()}
}

// adopterReference returns the owner reference of a network that the cluster adopted.
func adopterReference(owner *typev1.ClusterReference) *typev1.ClusterReference {
	return &typev1.ClusterReference{Name: owner.GetName(), Uid: owner.GetUid(), CreateTime: owner.GetCreateTime(), Adopted: true}
}

// naming derives the names of the components of a cluster from its name.
type naming struct{ cluster *clusterv1.Cluster }

func (n *naming) name(t object.Type) string {
	return object.NameOf(object.Organization(n.cluster.GetName()), t.CollectionID, object.ID(n.cluster.GetName()))
}

// network returns the name of the network: the one that the cluster adopts, or its own.
func (n *naming) network() string {
	if adopted := n.cluster.GetSpec().GetNetwork().GetExisting(); adopted != "" {
		return adopted
	}
	return n.name(object.Networks)
}

// pool returns the name of a node pool. The ids of clusters and pools contain no dot, so
// the pools of two clusters never have the same name.
func (n *naming) pool(pool string) string { return n.name(object.NodePools) + "." + pool }

// origins map the fields of components to the fields of the cluster that they come from.
var origins = []struct{ component, field, origin string }{
	{"network", "spec.vpc", "spec.network.managed"},
	{"network", "spec.access.apiCidrs", "spec.controlPlane.apiCidrs"},
	{"network", "spec.access.vpnCidrs", "spec.bastion.vpnCidrs"},
	{"api-endpoint", "spec.zoneName", "spec.ingress.domain"},
	{"ingress", "spec.loadBalancer", "spec.ingress.loadBalancer"},
	{"control-plane", "spec.replicas", "spec.controlPlane.selfManaged.replicas"},
	{"control-plane", "spec.instanceType", "spec.controlPlane.selfManaged.instanceType"},
	{"node-pool", "spec.instanceTypes", "spec.nodePools.*.instanceTypes"},
	{"node-pool", "spec.minSize", "spec.nodePools.*.minSize"},
	{"node-pool", "spec.maxSize", "spec.nodePools.*.maxSize"},
	{"node-pool", "spec.nodeLabels", "spec.nodePools.*.labels"},
	{"bastion", "spec.hosts", "spec.bastion.hosts"},
}

// origin returns the path in the document of the cluster for a field of the component
// with this label.
func origin(label, path string) string {
	path = path[max(strings.Index(path, "spec."), 0):]
	component, pool, _ := strings.Cut(label, "/")
	for _, o := range origins {
		if o.component == component && strings.HasPrefix(path, o.field) {
			return strings.Replace(o.origin, "*", pool, 1) + strings.TrimPrefix(path, o.field)
		}
	}
	return path
}
