package progress

import (
	"slices"
	"time"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"
)

// component is one component of a cluster with its AWS resources.
type component struct {
	label string
	*clusterv1.ClusterComponent
	items []*item
	// deleting means that the cluster, and the component with it, is being deleted.
	deleting bool
}

// state returns the state of the component in one word, or "" while it is unknown.
func (p *component) state() string {
	switch {
	case p.ClusterComponent == nil:
		return "DELETED"
	case p.GetState() == typev1.State_STATE_UNSPECIFIED:
		return ""
	}
	return p.GetState().String()
}

// finished reports whether the component is ready or deleted.
func (p *component) finished() bool { return p.state() == "READY" || p.state() == "DELETED" }

// span returns the time from the first intent, or the first delete, to the time at which
// the last resource was ready or deleted. The end is zero while the component is not
// finished.
func (p *component) span() (from, to time.Time) {
	for _, i := range p.items {
		start, end := moment(i.GetIntendTime()), moment(i.GetReadyTime())
		if p.deleting {
			start, end = i.deleteStart, i.deleted
		}
		if !start.IsZero() && (from.IsZero() || start.Before(from)) {
			from = start
		}
		if end.After(to) {
			to = end
		}
	}
	if !p.finished() {
		to = time.Time{}
	}
	return from, to
}

// update adds or updates an item of the component.
func (p *component) update(resource string, listed *typev1.InventoryItem) *item {
	at := slices.IndexFunc(p.items, func(i *item) bool { return i.resource == resource })
	if at < 0 {
		at = len(p.items)
		p.items = append(p.items, &item{resource: resource})
	}
	i := p.items[at]
	i.InventoryItem, i.deleted = listed, time.Time{}
	if listed.GetState() == typev1.InventoryItem_DELETING && i.deleteStart.IsZero() {
		i.deleteStart = moment(listed.GetSince())
	}
	return i
}

// markDeleted marks the items that are not in there as deleted.
func (p *component) markDeleted(there map[*item]bool, now time.Time) {
	for _, i := range p.items {
		if !there[i] && !i.isDeleted() {
			i.deleted = now
		}
	}
}

// count returns the number of items that satisfy a condition.
func (p *component) count(is func(*item) bool) int {
	n := 0
	for _, i := range p.items {
		if is(i) {
			n++
		}
	}
	return n
}
