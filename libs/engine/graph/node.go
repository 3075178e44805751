package graph

import "maps"

// Node holds the known state of a resource. Every resource embeds it. The walk fills it from the
// ledger before it calls a method of the resource.
type Node struct {
	entry Entry
}

// ID returns the AWS id of the resource, or "" while it is unknown.
func (n *Node) ID() string { return n.entry.ID }

// Token returns the idempotency token of the create: the client token where the API takes one, and
// the value of the intent tag where it takes none.
func (n *Node) Token() string { return n.entry.Token }

// Attribute returns another value that AWS reported about the resource, such as a DNS name. The
// ledger keeps attributes across reconciliations.
func (n *Node) Attribute(key string) string { return n.entry.Attributes[key] }

// SetID records the AWS id of the resource.
func (n *Node) SetID(id string) { n.entry.ID = id }

// SetAttribute records another value that AWS reported about the resource.
func (n *Node) SetAttribute(key, value string) {
	// The ledger may share the map.
	attributes := maps.Clone(n.entry.Attributes)
	if attributes == nil {
		attributes = make(map[string]string)
	}
	attributes[key] = value
	n.entry.Attributes = attributes
}

func (n *Node) node() *Node { return n }
