package api

import (
	"fmt"
	"net/netip"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"

	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/services/network/internal/network"
)

// The defaults of unset fields of a spec.
const (
	defaultCIDR  = "10.0.0.0/16"
	defaultZones = 3
	defaultPort  = 443
)

// parseSpec converts the spec of a network in the given zones. Its fault has every bad
// field.
func parseSpec(spec *networkv1.NetworkSpec, zones []string) (network.Spec, error) {
	var bad []fault.Field
	parsed := network.Spec{
		Region: spec.GetRegion(),
		Egress: egressOf[spec.GetVpc().GetEgress()],
		Access: network.Access{APIPort: defaultPort, Bastion: spec.GetAccess().GetBastion()},
	}
	ranges := func(field string, texts []string) []netip.Prefix {
		var parsed []netip.Prefix
		for i, text := range texts {
			prefix, err := netip.ParsePrefix(text)
			if err != nil || prefix != prefix.Masked() {
				bad = append(bad, fault.Field{Path: fmt.Sprintf("spec.access.%s[%d]", field, i), Message: fmt.Sprintf("%q is not an address range", text)})
				continue
			}
			parsed = append(parsed, prefix)
		}
		return parsed
	}
	parsed.Access.API = ranges("apiCidrs", spec.GetAccess().GetApiCidrs())
	parsed.Access.Ingress = ranges("ingressCidrs", spec.GetAccess().GetIngressCidrs())
	parsed.Access.VPN = ranges("vpnCidrs", spec.GetAccess().GetVpnCidrs())

	cidr, field := cidrOf(spec)
	if field != nil {
		bad = append(bad, *field)
	} else {
		carved, err := network.Carve(cidr, zones)
		if err != nil {
			bad = append(bad, fault.Field{Path: "spec.vpc.cidr", Message: err.Error()})
		}
		parsed.CIDR, parsed.Zones = cidr, carved
	}
	if len(bad) > 0 {
		return network.Spec{}, fault.InvalidFields(bad...)
	}
	return parsed, nil
}

// cidrOf parses the range of the VPC. AWS accepts /16 to /28; a range smaller than /20 has
// too few addresses for pods.
func cidrOf(spec *networkv1.NetworkSpec) (netip.Prefix, *fault.Field) {
	text := spec.GetVpc().GetCidr()
	if text == "" {
		text = defaultCIDR
	}
	cidr, err := netip.ParsePrefix(text)
	switch {
	case err != nil || !cidr.Addr().Is4():
		return cidr, &fault.Field{Path: "spec.vpc.cidr", Message: fmt.Sprintf("%q is not an IPv4 range such as 10.0.0.0/16", text)}
	case cidr != cidr.Masked():
		return cidr, &fault.Field{Path: "spec.vpc.cidr", Message: fmt.Sprintf("%q has bits beyond its length; did you mean %s?", text, cidr.Masked())}
	case cidr.Bits() < 16 || cidr.Bits() > 20:
		return cidr, &fault.Field{Path: "spec.vpc.cidr", Message: fmt.Sprintf("%q is not between /16 and /20", text)}
	}
	return cidr, nil
}

// zoneCount returns the number of zones in the spec, or the default.
func zoneCount(spec *networkv1.NetworkSpec) int {
	if n := int(spec.GetVpc().GetZones()); n > 0 {
		return n
	}
	return defaultZones
}

var egressOf = map[networkv1.ManagedVpc_Egress]network.Egress{
	networkv1.ManagedVpc_EGRESS_UNSPECIFIED: network.NATPerZone,
	networkv1.ManagedVpc_NAT_PER_ZONE:       network.NATPerZone,
	networkv1.ManagedVpc_NAT_SINGLE:         network.NATSingle,
	networkv1.ManagedVpc_NONE:               network.Closed,
}

// zoneNames returns the names of the frozen zones of a network.
func zoneNames(n *networkv1.Network) []string {
	var names []string
	for _, zone := range n.GetStatus().GetZones() {
		names = append(names, zone.GetName())
	}
	return names
}

// render writes into the status the ids that other services use.
func render(n *networkv1.Network, entries map[string]graph.Entry) {
	status := n.GetStatus()
	ready := func(name string) (graph.Entry, bool) {
		e, ok := entries[name]
		return e, ok && e.State == graph.Ready
	}
	group := func(role network.Role) string {
		e, _ := ready("security-group/" + string(role))
		return e.ID
	}
	status.Subnets, status.SecurityGroups, status.EgressAddresses = nil, nil, nil
	if n.GetDeleteTime() == nil {
		// A network that is being deleted keeps the id: the cleanup of leftovers needs it.
		status.VpcId = ""
	}
	if vpc, ok := ready("vpc"); ok {
		status.VpcId = vpc.ID
	}
	// The spec is valid: Prepare parsed it before the first create.
	spec, err := parseSpec(n.GetSpec(), zoneNames(n))
	if err != nil {
		return
	}
	for _, zone := range spec.Zones {
		if e, ok := ready("subnet/public/" + zone.Name); ok {
			status.Subnets = append(status.Subnets, &networkv1.Subnet{Id: e.ID, Zone: zone.Name, Tier: networkv1.Subnet_PUBLIC, Cidr: zone.Public.String()})
		}
		if e, ok := ready("subnet/private/" + zone.Name); ok {
			status.Subnets = append(status.Subnets, &networkv1.Subnet{Id: e.ID, Zone: zone.Name, Tier: networkv1.Subnet_PRIVATE, Cidr: zone.Private.String()})
		}
		if e, ok := ready("address/" + zone.Name); ok {
			status.EgressAddresses = append(status.EgressAddresses, e.Attributes[network.PublicIP])
		}
	}
	status.SecurityGroups = &networkv1.SecurityGroups{
		ApiLoadBalancer: group(network.APILoadBalancer), IngressLoadBalancer: group(network.IngressLoadBalancer), LoadBalancer: group(network.LoadBalancer),
		ControlPlane: group(network.ControlPlane), Node: group(network.Node), Bastion: group(network.Bastion),
	}
}
