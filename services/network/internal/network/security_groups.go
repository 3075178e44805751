package network

import (
	"net/netip"

	"github.com/skep-dev/skep/libs/engine/graph"
)

// The ports of Kubernetes.
const (
	portSSH         = 22
	portHTTP        = 80
	portHTTPS       = 443
	portBGP         = 179
	portEtcdClient  = 2379
	portEtcdPeer    = 2380
	portCiliumProbe = 4240
	portHubble      = 4244
	portAPI         = 6443
	portVXLAN       = 8472
	portKubelet     = 10250
	portNodeFirst   = 30000
	portNodeLast    = 32767
)

// addSecurityGroups declares who may reach what. It starts from Cluster API's
// table and differs where that is too open or too closed: node ports are open
// to the ingress load balancer and not to the world, the kubelet port is open
// on control planes too, and the bastion is closed to all but the VPN.
func addSecurityGroups(g *graph.Graph, in account, vpc *VPC, spec Spec, egress []*Address) {
	group := func(role Role, description string) *SecurityGroup {
		return graph.Add(g, &SecurityGroup{tagged: tagged{account: in}, VPC: vpc, Role: role, Description: description, Owned: role == LoadBalancer})
	}
	api := group(APILoadBalancer, "The load balancer of the Kubernetes API")
	ingress := group(IngressLoadBalancer, "The load balancer of the ingress")
	control := group(ControlPlane, "The control plane")
	node := group(Node, "The nodes")
	// Rules of this one are the cloud controller manager's business.
	group(LoadBalancer, "Load balancers of Services, managed by the cloud controller manager")

	controlRules := []Rule{
		{Description: "API from the load balancer", Protocol: tcp, From: portAPI, To: portAPI, Group: api},
		{Description: "API from control planes", Protocol: tcp, From: portAPI, To: portAPI, Group: control},
		{Description: "API from nodes", Protocol: tcp, From: portAPI, To: portAPI, Group: node},
		{Description: "etcd from control planes", Protocol: tcp, From: portEtcdClient, To: portEtcdPeer, Group: control},
	}
	nodeRules := []Rule{
		{Description: "node ports from the ingress", Protocol: tcp, From: portNodeFirst, To: portNodeLast, Group: ingress},
	}
	for _, peer := range []struct {
		name  string
		group *SecurityGroup
	}{{"control planes", control}, {"nodes", node}} {
		controlRules = append(controlRules, clusterRules(peer.name, peer.group)...)
		nodeRules = append(nodeRules, clusterRules(peer.name, peer.group)...)
	}
	if spec.Access.Bastion {
		bastion := group(Bastion, "The bastions")
		ssh := Rule{Description: "SSH from bastions", Protocol: tcp, From: portSSH, To: portSSH, Group: bastion}
		controlRules, nodeRules = append(controlRules, ssh), append(nodeRules, ssh)
		if rules := fromRanges("SSH from the VPN", portSSH, spec.Access.VPN); len(rules) > 0 {
			graph.Add(g, &SecurityGroupRules{account: in, Group: bastion, Rules: rules})
		}
	}
	graph.Add(g, &SecurityGroupRules{account: in, Group: api, Rules: apiRules(spec, egress)})
	graph.Add(g, &SecurityGroupRules{account: in, Group: ingress, Rules: append(
		fromRanges("HTTP", portHTTP, orEverybody(spec.Access.Ingress)),
		fromRanges("HTTPS", portHTTPS, orEverybody(spec.Access.Ingress))...)})
	graph.Add(g, &SecurityGroupRules{account: in, Group: control, Rules: controlRules})
	graph.Add(g, &SecurityGroupRules{account: in, Group: node, Rules: nodeRules})
}

// clusterRules is what every machine of a cluster opens to its peers: the
// kubelet, and the overlay of Calico or Cilium.
func clusterRules(from string, peer *SecurityGroup) []Rule {
	return []Rule{
		{Description: "kubelet from " + from, Protocol: tcp, From: portKubelet, To: portKubelet, Group: peer},
		{Description: "BGP from " + from, Protocol: tcp, From: portBGP, To: portBGP, Group: peer},
		{Description: "IP-in-IP from " + from, Protocol: ipInIP, Group: peer},
		{Description: "VXLAN from " + from, Protocol: udp, From: portVXLAN, To: portVXLAN, Group: peer},
		{Description: "Cilium health and Hubble from " + from, Protocol: tcp, From: portCiliumProbe, To: portHubble, Group: peer},
	}
}

// apiRules lets the given ranges reach the API. A list that would lock the
// cluster's own machines out is widened by the addresses they come from.
func apiRules(spec Spec, egress []*Address) []Rule {
	rules := fromRanges("API", spec.Access.APIPort, orEverybody(spec.Access.API))
	if len(spec.Access.API) == 0 {
		return rules
	}
	for _, address := range egress {
		rules = append(rules, Rule{Description: "API from the cluster's own egress", Protocol: tcp,
			From: spec.Access.APIPort, To: spec.Access.APIPort, Address: address})
	}
	return rules
}

func fromRanges(description string, port int32, ranges []netip.Prefix) []Rule {
	rules := make([]Rule, 0, len(ranges))
	for _, cidr := range ranges {
		rules = append(rules, Rule{Description: description, Protocol: tcp, From: port, To: port, CIDR: cidr})
	}
	return rules
}

func orEverybody(ranges []netip.Prefix) []netip.Prefix {
	if len(ranges) == 0 {
		return []netip.Prefix{netip.PrefixFrom(netip.IPv4Unspecified(), 0)}
	}
	return ranges
}
