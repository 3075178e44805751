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

// ComponentClients are all kinds of parts.
type ComponentClients struct {
	Network         *ComponentClient[*networkv1.Network]
	ClusterIdentity *ComponentClient[*identityv1.ClusterIdentity]
	APIEndpoint     *ComponentClient[*ingressv1.ApiEndpoint]
	Ingress         *ComponentClient[*ingressv1.Ingress]
	ControlPlane    *ComponentClient[*computev1.ControlPlane]
	NodePool        *ComponentClient[*computev1.NodePool]
	Bastion         *ComponentClient[*bastionv1.Bastion]
}

// Cluster is a cluster taken apart.
type Cluster struct {
	Graph *graph.Graph
	parts []anyComponent
	// claim is on the network that the cluster adopts; nil if it has its own.
	claim *Adoption
	uid   string
}

// Compose is the bill of materials of a cluster: its parts, in the order in
// which they are shown.
func (p *ComponentClients) Compose(c *clusterv1.Cluster) *Cluster {
	spec, of := c.GetSpec(), &naming{cluster: c}
	composed := &Cluster{Graph: new(graph.Graph), uid: c.GetUid()}
	belongs := reference(c)

	network := &networkv1.Network{Name: of.network(), Spec: &networkv1.NetworkSpec{
		Account: spec.GetAccount(), Region: spec.GetRegion(), Cluster: belongs,
		Vpc: spec.GetNetwork().GetManaged(), VolumeRetention: spec.GetVolumeRetention(),
		Access: &networkv1.NetworkAccess{
			ApiCidrs: spec.GetControlPlane().GetApiCidrs(),
			VpnCidrs: spec.GetBastion().GetVpnCidrs(),
			Bastion:  spec.GetBastion() != nil,
		},
	}}
	if spec.GetNetwork().GetExisting() != "" {
		composed.adopt(p.Network, belongs, network)
	} else {
		add(composed, p.Network, "network", network)
	}
	add(composed, p.ClusterIdentity, "cluster-identity", &identityv1.ClusterIdentity{Name: of.name(object.ClusterIdentities), Spec: &identityv1.ClusterIdentitySpec{
		Account: spec.GetAccount(), Region: spec.GetRegion(), Cluster: belongs,
	}})
	add(composed, p.APIEndpoint, "api-endpoint", &ingressv1.ApiEndpoint{Name: of.name(object.ApiEndpoints), Spec: &ingressv1.ApiEndpointSpec{
		Account: spec.GetAccount(), Region: spec.GetRegion(), Cluster: belongs, Network: of.network(),
		ZoneName: object.ID(c.GetName()) + "." + spec.GetIngress().GetDomain(),
	}})
	add(composed, p.Ingress, "ingress", &ingressv1.Ingress{Name: of.name(object.Ingresses), Spec: &ingressv1.IngressSpec{
		Account: spec.GetAccount(), Region: spec.GetRegion(), Cluster: belongs, Network: of.network(),
		ApiEndpoint: of.name(object.ApiEndpoints), LoadBalancer: spec.GetIngress().GetLoadBalancer(),
	}})
	add(composed, p.ControlPlane, "control-plane", &computev1.ControlPlane{Name: of.name(object.ControlPlanes), Spec: &computev1.ControlPlaneSpec{
		Account: spec.GetAccount(), Region: spec.GetRegion(), Cluster: belongs, Network: of.network(),
		ClusterIdentity: of.name(object.ClusterIdentities), ApiEndpoint: of.name(object.ApiEndpoints),
		KubernetesVersion: spec.GetKubernetesVersion(),
		Replicas:          spec.GetControlPlane().GetSelfManaged().GetReplicas(),
		InstanceType:      spec.GetControlPlane().GetSelfManaged().GetInstanceType(),
	}})
	for _, pool := range slices.Sorted(maps.Keys(spec.GetNodePools())) {
		wanted := spec.GetNodePools()[pool]
		add(composed, p.NodePool, "node-pool/"+pool, &computev1.NodePool{Name: of.pool(pool), Spec: &computev1.NodePoolSpec{
			Account: spec.GetAccount(), Region: spec.GetRegion(), Cluster: belongs, Network: of.network(),
			ClusterIdentity: of.name(object.ClusterIdentities), ApiEndpoint: of.name(object.ApiEndpoints),
			Ingress: of.name(object.Ingresses), KubernetesVersion: spec.GetKubernetesVersion(), Pool: pool,
			InstanceTypes: wanted.GetInstanceTypes(), MinSize: wanted.GetMinSize(), MaxSize: wanted.GetMaxSize(),
			NodeLabels: wanted.GetLabels(),
		}})
	}
	if bastion := spec.GetBastion(); bastion != nil {
		add(composed, p.Bastion, "bastion", &bastionv1.Bastion{Name: of.name(object.Bastions), Spec: &bastionv1.BastionSpec{
			Account: spec.GetAccount(), Region: spec.GetRegion(), Cluster: belongs, Network: of.network(),
			Hosts: bastion.GetHosts(),
		}})
	}
	return composed
}

// Kinds makes the empty parts that a deletion of this cluster needs.
func (p *ComponentClients) Kinds(c *clusterv1.Cluster) graph.Factories {
	uid, claim := c.GetUid(), func() *Adoption { return &Adoption{Peer: p.Network, Cluster: adopting(reference(c))} }
	return graph.Factories{
		"network":         func() graph.Resource { return &Component[*networkv1.Network]{Peer: p.Network, Cluster: uid} },
		"adoption":        func() graph.Resource { return claim() },
		"adopted-network": func() graph.Resource { return &Adopted{Claim: claim()} },
		"cluster-identity": func() graph.Resource {
			return &Component[*identityv1.ClusterIdentity]{Peer: p.ClusterIdentity, Cluster: uid}
		},
		"api-endpoint":  func() graph.Resource { return &Component[*ingressv1.ApiEndpoint]{Peer: p.APIEndpoint, Cluster: uid} },
		"ingress":       func() graph.Resource { return &Component[*ingressv1.Ingress]{Peer: p.Ingress, Cluster: uid} },
		"control-plane": func() graph.Resource { return &Component[*computev1.ControlPlane]{Peer: p.ControlPlane, Cluster: uid} },
		"node-pool":     func() graph.Resource { return &Component[*computev1.NodePool]{Peer: p.NodePool, Cluster: uid} },
		"bastion":       func() graph.Resource { return &Component[*bastionv1.Bastion]{Peer: p.Bastion, Cluster: uid} },
	}
}

// Check says what would be wrong with the parts, all bad fields in one fault,
// each by its path in the cluster's own document.
func (c *Cluster) Check(ctx context.Context) error { return CheckAll(ctx, c.parts) }

func add[R object.Object](c *Cluster, peer *ComponentClient[R], label string, wanted R) {
	c.parts = append(c.parts, graph.Add(c.Graph, &Component[R]{Peer: peer, Label: label, Cluster: c.uid, Claim: c.claim, Wanted: wanted}))
}

// adopt declares that the cluster has this network, which it does not make.
func (c *Cluster) adopt(peer *ComponentClient[*networkv1.Network], belongs *typev1.ClusterReference, network *networkv1.Network) {
	c.claim = graph.Add(c.Graph, &Adoption{Peer: peer, Cluster: adopting(belongs), Wanted: network})
	graph.Add(c.Graph, &Adopted{Claim: c.claim})
	c.parts = append(c.parts, c.claim)
}

// reference is how its parts name a cluster.
func reference(c *clusterv1.Cluster) *typev1.ClusterReference {
	return &typev1.ClusterReference{Name: c.GetName(), Uid: c.GetUid(), CreateTime: c.GetCreateTime()}
}

// adopting is how a part names a cluster that adopted it.
func adopting(belongs *typev1.ClusterReference) *typev1.ClusterReference {
	return &typev1.ClusterReference{Name: belongs.GetName(), Uid: belongs.GetUid(), CreateTime: belongs.GetCreateTime(), Adopted: true}
}

// naming names the parts of a cluster after it.
type naming struct{ cluster *clusterv1.Cluster }

func (n *naming) name(noun object.Type) string {
	return object.NameOf(object.Organization(n.cluster.GetName()), noun.CollectionID, object.ID(n.cluster.GetName()))
}

// network names the network: that which the cluster adopts, or its own.
func (n *naming) network() string {
	if adopted := n.cluster.GetSpec().GetNetwork().GetExisting(); adopted != "" {
		return adopted
	}
	return n.name(object.Networks)
}

// pool names a node pool. No id of a cluster or a pool holds a dot, so the pools of
// two clusters never meet.
func (n *naming) pool(pool string) string { return n.name(object.NodePools) + "." + pool }

// origins map the fields of parts to the fields of the cluster that they come from.
var origins = []struct{ part, field, origin string }{
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

// origin is the path in the cluster's document of a field of one of its parts.
func origin(part, path string) string {
	path = path[max(strings.Index(path, "spec."), 0):]
	kind, pool, _ := strings.Cut(part, "/")
	for _, o := range origins {
		if o.part == kind && strings.HasPrefix(path, o.field) {
			return strings.Replace(o.origin, "*", pool, 1) + strings.TrimPrefix(path, o.field)
		}
	}
	return path
}
