package network

import (
	"net/netip"

	"github.com/skep-dev/skep/libs/engine/graph"
)

// These are the ports that the rules open.
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

// addSecurityGroups adds the security groups and their rules. They follow the table of Cluster API
// with three differences: only the ingress load balancer reaches the node ports, not the internet;
// nodes reach the kubelet port of control planes; and only the VPN ranges reach the bastions on port 22.
// Without VPN ranges, the group of the bastions has no rules.
//
// The load balancers of the API and of the ingress are open to every IPv4 address unless spec.Access restricts them.
func addSecurityGroups(g *graph.Graph, in account, vpc *VPC, spec Spec, egress []*Address) {
	group := func(role Role, description string) *SecurityGroup {
		return graph.Add(g, &SecurityGroup{tagged: tagged{account: in}, VPC: vpc, Role: role, Description: description, Owned: role == LoadBalancer})
	}
	api := group(APILoadBalancer, "The load balancer of the Kubernetes API")
	ingress := group(IngressLoadBalancer, "The load balancer of the ingress")
	control := group(ControlPlane, "The control plane")
	node := group(Node, "The nodes")
	// The cloud controller manager adds the rules of this group.
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
		fromRanges("HTTP", portHTTP, orAnywhere(spec.Access.Ingress)),
		fromRanges("HTTPS", portHTTPS, orAnywhere(spec.Access.Ingress))...)})
	graph.Add(g, &SecurityGroupRules{account: in, Group: control, Rules: controlRules})
	graph.Add(g, &SecurityGroupRules{account: in, Group: node, Rules: nodeRules})
}

// clusterRules returns the rules by which a machine accepts traffic from the group peer: to the kubelet, and
// of the overlay network of Calico or Cilium. The parameter from describes the group.
func clusterRules(from string, peer *SecurityGroup) []Rule {
	return []Rule{
		{Description: "kubelet from " + from, Protocol: tcp, From: portKubelet, To: portKubelet, Group: peer},
		{Description: "BGP from " + from, Protocol: tcp, From: portBGP, To: portBGP, Group: peer},
		{Description: "IP-in-IP from " + from, Protocol: ipInIP, Group: peer},
		{Description: "VXLAN from " + from, Protocol: udp, From: portVXLAN, To: portVXLAN, Group: peer},
		{Description: "Cilium health and Hubble from " + from, Protocol: tcp, From: portCiliumProbe, To: portHubble, Group: peer},
	}
}

// apiRules returns the rules of the API load balancer. If ranges restrict it, apiRules adds the egress addresses of
// the network: the cluster's own machines reach the load balancer from them.
func apiRules(spec Spec, egress []*Address) []Rule {
	rules := fromRanges("API", spec.Access.APIPort, orAnywhere(spec.Access.API))
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

// orAnywhere returns ranges, or 0.0.0.0/0 if they are empty: an omitted list opens the port to every IPv4 address.
func orAnywhere(ranges []netip.Prefix) []netip.Prefix {
	if len(ranges) == 0 {
		return []netip.Prefix{netip.PrefixFrom(netip.IPv4Unspecified(), 0)}
	}
	return ranges
}
