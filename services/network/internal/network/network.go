// Package network defines the AWS resources of a Network: one file per resource type, and Resources,
// the bill of materials in the order of creation.
//
// It calls AWS and imports neither generated protobuf nor the store. The sibling package api, its only
// importer, validates a specification and converts it into a Spec, so every Spec is valid.
package network

import (
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// Resources returns the bill of materials of a network as a graph, in the order of creation. It calls nothing in AWS.
func Resources(spec Spec, aws EC2, owner session.Owner) *graph.Graph {
	g := new(graph.Graph)
	in := account{EC2: aws, owner: owner}
	own := tagged{account: in}

	vpc := graph.Add(g, &VPC{tagged: own, CIDR: spec.CIDR})
	graph.Add(g, &VPCAttribute{account: in, VPC: vpc, Attribute: DNSSupport})
	graph.Add(g, &VPCAttribute{account: in, VPC: vpc, Attribute: DNSHostnames})
	graph.Add(g, &DefaultSecurityGroup{account: in, VPC: vpc})
	gateway := graph.Add(g, &InternetGateway{tagged: own})
	exit := graph.Add(g, &InternetGatewayAttachment{account: in, VPC: vpc, Gateway: gateway})

	public := graph.Add(g, &RouteTable{tagged: own, VPC: vpc, Tier: Public})
	graph.Add(g, &Route{account: in, Table: public, Exit: exit})
	tables := []*RouteTable{public}

	var nat *NATGateway
	var addresses []*Address
	for _, zone := range spec.Zones {
		front := graph.Add(g, &Subnet{tagged: own, VPC: vpc, Tier: Public, Zone: zone.Name, CIDR: zone.Public})
		graph.Add(g, &RouteTableAssociation{account: in, Table: public, Subnet: front})
		back := graph.Add(g, &Subnet{tagged: own, VPC: vpc, Tier: Private, Zone: zone.Name, CIDR: zone.Private})
		private := graph.Add(g, &RouteTable{tagged: own, VPC: vpc, Tier: Private, Zone: zone.Name})
		graph.Add(g, &RouteTableAssociation{account: in, Table: private, Subnet: back})
		tables = append(tables, private)

		if spec.Egress == NATPerZone || spec.Egress == NATSingle && nat == nil {
			address := graph.Add(g, &Address{tagged: own, Zone: zone.Name})
			nat = graph.Add(g, &NATGateway{tagged: own, Subnet: front, Address: address, Exit: exit})
			addresses = append(addresses, address)
		}
		if nat != nil {
			graph.Add(g, &Route{account: in, Table: private, NAT: nat})
		}
	}
	graph.Add(g, &VPCEndpoint{tagged: own, VPC: vpc, Service: "s3", Region: spec.Region, Tables: tables})

	addSecurityGroups(g, in, vpc, spec, addresses)
	return g
}

// Factories returns one constructor per resource type. A delete uses it for the ledger entries
// that have no resource in the graph; such a resource has its Node and no spec.
func Factories(aws EC2, owner session.Owner) graph.Factories {
	in := account{EC2: aws, owner: owner}
	own := tagged{account: in}
	return graph.Factories{
		"vpc":                         func() graph.Resource { return &VPC{tagged: own} },
		"vpc-attribute":               func() graph.Resource { return &VPCAttribute{account: in} },
		"default-security-group":      func() graph.Resource { return &DefaultSecurityGroup{account: in} },
		"internet-gateway":            func() graph.Resource { return &InternetGateway{tagged: own} },
		"internet-gateway-attachment": func() graph.Resource { return &InternetGatewayAttachment{account: in} },
		"route-table":                 func() graph.Resource { return &RouteTable{tagged: own} },
		"route-table-association":     func() graph.Resource { return &RouteTableAssociation{account: in} },
		"route":                       func() graph.Resource { return &Route{account: in} },
		"subnet":                      func() graph.Resource { return &Subnet{tagged: own} },
		"address":                     func() graph.Resource { return &Address{tagged: own} },
		"nat-gateway":                 func() graph.Resource { return &NATGateway{tagged: own} },
		"vpc-endpoint":                func() graph.Resource { return &VPCEndpoint{tagged: own} },
		"security-group":              func() graph.Resource { return &SecurityGroup{tagged: own} },
		"security-group-rules":        func() graph.Resource { return &SecurityGroupRules{account: in} },
	}
}
