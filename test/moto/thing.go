package moto

import (
	"slices"
	"strings"
)

// The tags of Skep that an inventory is compared by. They are spelled out here,
// and not taken from the code under test.
const (
	TagResource = "skep.dev/resource"
	TagCluster  = "skep.dev/cluster"
)

// Thing is one thing in an account.
type Thing struct {
	// Kind is what it is as its API calls it, such as `Subnet`.
	Kind string
	// ID is its id, ARN or name.
	ID string
	// Of is the id of what it belongs to, if it belongs to something.
	Of string
	// Tags are its tags.
	Tags map[string]string
}

// String implements fmt.Stringer.
func (t Thing) String() string {
	return strings.TrimSpace(t.Kind + " " + t.ID + " " + t.Tags[TagResource])
}

// Inventory is everything in an account and region, in order.
type Inventory []Thing

// Strings are all things in words.
func (i Inventory) Strings() []string {
	words := make([]string, 0, len(i))
	for _, thing := range i {
		words = append(words, thing.String())
	}
	return words
}

// Of are the things that a cluster is said to own.
func (i Inventory) Of(cluster string) Inventory {
	var own Inventory
	for _, thing := range i {
		if thing.Tags[TagCluster] == cluster {
			own = append(own, thing)
		}
	}
	return own
}

// Count is how many there are of each kind.
func (i Inventory) Count() map[string]int {
	kinds := make(map[string]int)
	for _, thing := range i {
		kinds[thing.Kind]++
	}
	return kinds
}

// Has reports whether there is a thing with this id.
func (i Inventory) Has(id string) bool {
	return slices.ContainsFunc(i, func(t Thing) bool { return t.ID == id })
}

// Without are the things that another inventory does not have.
func (i Inventory) Without(other Inventory) Inventory {
	var rest Inventory
	for _, thing := range i {
		if !other.Has(thing.ID) {
			rest = append(rest, thing)
		}
	}
	return rest
}
