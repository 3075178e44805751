package progress

import (
	"slices"
	"strings"
	"time"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/object"
)

// board is the last snapshot of a cluster by components, and the resources that were
// deleted since the first snapshot. The zero value is empty.
type board struct {
	cluster    *clusterv1.Cluster
	components []*component
	// seen is the time of the last snapshot.
	seen time.Time
	// deleted means that the cluster is deleted.
	deleted bool
}

// merge adds a snapshot. Resources that it no longer lists are deleted.
func (b *board) merge(c *clusterv1.Cluster, now time.Time) {
	b.cluster, b.seen = c, now
	there := map[*item]bool{}
	for _, p := range b.components {
		p.ClusterComponent = nil
	}
	for _, listed := range c.GetStatus().GetComponents() {
		b.component(listed.GetLabel()).ClusterComponent = listed
	}
	for _, listed := range c.GetStatus().GetResources() {
		p, resource := b.place(listed.GetName())
		there[p.update(resource, listed)] = true
	}
	for _, p := range b.components {
		p.deleting = c.GetDeleteTime() != nil
		p.markDeleted(there, now)
	}
}

// end marks the end of the snapshots.
func (b *board) end(now time.Time) {
	if b.cluster.GetDeleteTime() == nil || b.cluster.GetStatus().GetState() == typev1.State_FAILED {
		return
	}
	b.deleted, b.seen = true, now
	for _, p := range b.components {
		p.ClusterComponent = nil
		p.markDeleted(nil, now)
	}
}

// component returns the component with a label. It adds a new one.
func (b *board) component(label string) *component {
	if at := slices.IndexFunc(b.components, func(p *component) bool { return p.label == label }); at >= 0 {
		return b.components[at]
	}
	p := &component{label: label}
	b.components = append(b.components, p)
	return p
}

// place splits the name of a resource, `<component>/<resource>`. Labels may have slashes.
func (b *board) place(name string) (*component, string) {
	for _, p := range b.components {
		if resource, ok := strings.CutPrefix(name, p.label+"/"); ok {
			return p, resource
		}
	}
	label, resource, _ := strings.Cut(name, "/")
	return b.component(label), resource
}

// state returns the state of the cluster in one word.
func (b *board) state() string {
	switch state := b.cluster.GetStatus().GetState(); {
	case b.deleted:
		return "DELETED"
	case state == typev1.State_STATE_UNSPECIFIED:
		return "CREATING"
	default:
		return state.String()
	}
}

// finished reports whether the cluster is READY with its current generation.
func (b *board) finished() bool {
	return b.state() == "READY" && b.cluster.GetStatus().GetObservedGeneration() >= b.cluster.GetGeneration()
}

// until returns the end of the current operation on the cluster, or now while it runs.
func (b *board) until(now time.Time) time.Time {
	switch {
	case b.deleted:
		return b.seen
	case b.finished():
		return b.ready()
	}
	return now
}

// ready returns the time at which the cluster last became ready.
func (b *board) ready() time.Time {
	if since := object.Condition(b.cluster, object.ConditionReady).GetSince(); since != nil {
		return moment(since)
	}
	if first := moment(b.cluster.GetStatus().GetReadyTime()); first.After(began(b.cluster)) {
		return first
	}
	return b.seen
}

// done returns the number of resources in the desired state, the number of all, and
// the word for the desired state.
func (b *board) done() (done, all int, word string) {
	is, word := func(i *item) bool { return !i.isDeleted() && i.GetState() == typev1.InventoryItem_READY }, "ready"
	if b.cluster.GetDeleteTime() != nil {
		is, word = (*item).isDeleted, "deleted"
	}
	for _, p := range b.components {
		done += p.count(is)
		all += len(p.items)
		if word == "ready" {
			all -= p.count((*item).isDeleted)
		}
	}
	return done, all, word
}
