package progress

import (
	"slices"
	"strings"
	"time"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"
)

// board is what is known of a cluster: its last snapshot by parts, and what has
// gone since the first. The zero value knows nothing.
type board struct {
	cluster *clusterv1.Cluster
	parts   []*part
	// seen is when the last snapshot came.
	seen time.Time
	// gone says that the cluster is.
	gone bool
}

// merge takes in a snapshot. What it does not list any more has gone.
func (b *board) merge(c *clusterv1.Cluster, now time.Time) {
	b.cluster, b.seen = c, now
	there := map[*item]bool{}
	for _, p := range b.parts {
		p.ClusterPart = nil
	}
	for _, listed := range c.GetStatus().GetParts() {
		b.part(listed.GetLabel()).ClusterPart = listed
	}
	for _, listed := range c.GetStatus().GetResources() {
		p, thing := b.place(listed.GetName())
		there[p.update(thing, listed)] = true
	}
	for _, p := range b.parts {
		p.leaving = c.GetDeleteTime() != nil
		p.lose(there, now)
	}
}

// end takes in that there are no more snapshots.
func (b *board) end(now time.Time) {
	if b.cluster.GetDeleteTime() == nil || b.cluster.GetStatus().GetState() == typev1.State_FAILED {
		return
	}
	b.gone, b.seen = true, now
	for _, p := range b.parts {
		p.ClusterPart = nil
		p.lose(nil, now)
	}
}

// part is the part with a label, made if it is new.
func (b *board) part(label string) *part {
	if at := slices.IndexFunc(b.parts, func(p *part) bool { return p.label == label }); at >= 0 {
		return b.parts[at]
	}
	p := &part{label: label}
	b.parts = append(b.parts, p)
	return p
}

// place finds the part of a resource `<part>/<thing>`. Labels may have slashes.
func (b *board) place(name string) (*part, string) {
	for _, p := range b.parts {
		if thing, ok := strings.CutPrefix(name, p.label+"/"); ok {
			return p, thing
		}
	}
	label, thing, _ := strings.Cut(name, "/")
	return b.part(label), thing
}

// state is where the cluster is in its life, in one word.
func (b *board) state() string {
	switch state := b.cluster.GetStatus().GetState(); {
	case b.gone:
		return "GONE"
	case state == typev1.State_STATE_UNSPECIFIED:
		return "CREATING"
	default:
		return state.String()
	}
}

// finished says that the cluster is ready as declared last.
func (b *board) finished() bool {
	return b.state() == "READY" && b.cluster.GetStatus().GetObservedGeneration() >= b.cluster.GetGeneration()
}

// until is when what is happening to the cluster ended, or now if it has not.
func (b *board) until(now time.Time) time.Time {
	switch {
	case b.gone:
		return b.seen
	case b.finished():
		return b.ready()
	}
	return now
}

// ready is when the cluster became ready, the last time.
func (b *board) ready() time.Time {
	for _, condition := range b.cluster.GetStatus().GetConditions() {
		if condition.GetType() == "Ready" && condition.GetSince() != nil {
			return moment(condition.GetSince())
		}
	}
	if first := moment(b.cluster.GetStatus().GetReadyTime()); first.After(began(b.cluster)) {
		return first
	}
	return b.seen
}

// done is how many things are as wished, of how many, and what is wished.
func (b *board) done() (done, all int, wished string) {
	is, wished := func(i *item) bool { return !i.isGone() && i.GetState() == typev1.InventoryItem_READY }, "ready"
	if b.cluster.GetDeleteTime() != nil {
		is, wished = (*item).isGone, "gone"
	}
	for _, p := range b.parts {
		done += p.count(is)
		all += len(p.items)
		if wished == "ready" {
			all -= p.count((*item).isGone)
		}
	}
	return done, all, wished
}
