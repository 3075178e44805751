package moto

import (
	"slices"
	"strings"
)

// The tags of Skep that inventories are compared by. They are repeated here to be independent
// of the code under test.
const (
	TagResource = "skep.dev/resource"
	TagCluster  = "skep.dev/cluster"
)

// Resource is one AWS resource.
type Resource struct {
	// Type is the type of the resource as in the API of AWS, such as `Subnet`.
	Type string
	// ID is its id, ARN or name.
	ID string
	// Parent is the id of the resource that it belongs to, or "".
	Parent string
	// Tags are the tags of the resource.
	Tags map[string]string
}

// String implements fmt.Stringer.
func (r Resource) String() string {
	return strings.TrimSpace(r.Type + " " + r.ID + " " + r.Tags[TagResource])
}

// Inventory is all resources in an account and region, sorted.
type Inventory []Resource

// Strings returns the resources as strings.
func (i Inventory) Strings() []string {
	words := make([]string, 0, len(i))
	for _, resource := range i {
		words = append(words, resource.String())
	}
	return words
}

// Of returns the resources with the owner tag of the cluster with this uid.
func (i Inventory) Of(cluster string) Inventory {
	var own Inventory
	for _, resource := range i {
		if resource.Tags[TagCluster] == cluster {
			own = append(own, resource)
		}
	}
	return own
}

// Count returns the number of resources by type.
func (i Inventory) Count() map[string]int {
	count := make(map[string]int)
	for _, resource := range i {
		count[resource.Type]++
	}
	return count
}

// Has reports whether there is a resource with this id.
func (i Inventory) Has(id string) bool {
	return slices.ContainsFunc(i, func(r Resource) bool { return r.ID == id })
}

// Without returns the resources that other does not hold.
func (i Inventory) Without(other Inventory) Inventory {
	var rest Inventory
	for _, resource := range i {
		if !other.Has(resource.ID) {
			rest = append(rest, resource)
		}
	}
	return rest
}
