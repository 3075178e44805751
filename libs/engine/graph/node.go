package graph

import "maps"

// Node is what is known of a resource. It is embedded by every resource, and
// filled from the ledger before any method of the resource is called.
type Node struct {
	entry Entry
}

// ID is what the cloud calls the thing, or "" while that is not known.
func (n *Node) ID() string { return n.entry.ID }

// Token marks the create that made the thing: the client token where the API
// takes one, and the value of an intent tag where it does not.
func (n *Node) Token() string { return n.entry.Token }

// Attribute returns something else that the cloud said of the thing, such as a
// DNS name. It is kept across passes.
func (n *Node) Attribute(key string) string { return n.entry.Attributes[key] }

// SetID keeps what the cloud calls the thing.
func (n *Node) SetID(id string) { n.entry.ID = id }

// SetAttribute keeps something else that the cloud said of the thing.
func (n *Node) SetAttribute(key, value string) {
	// The map may be shared with the ledger's own copy.
	attributes := maps.Clone(n.entry.Attributes)
	if attributes == nil {
		attributes = make(map[string]string)
	}
	attributes[key] = value
	n.entry.Attributes = attributes
}

func (n *Node) node() *Node { return n }
