package progress

import (
	"slices"
	"time"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"
)

// part is one part of a cluster with all that it has in AWS.
type part struct {
	label string
	*clusterv1.ClusterPart
	items []*item
	// leaving says that the cluster is being deleted, and the part with it.
	leaving bool
}

// state is where the part is in its life, in one word, or nothing before it is known.
func (p *part) state() string {
	switch {
	case p.ClusterPart == nil:
		return "GONE"
	case p.GetState() == typev1.State_STATE_UNSPECIFIED:
		return ""
	}
	return p.GetState().String()
}

// finished says that nothing is left to do in the part.
func (p *part) finished() bool { return p.state() == "READY" || p.state() == "GONE" }

// span is from when the first thing of the part was asked for, or to go, to when
// the last was ready or gone. The end is zero while the part is not finished.
func (p *part) span() (from, to time.Time) {
	for _, i := range p.items {
		start, end := moment(i.GetIntendTime()), moment(i.GetReadyTime())
		if p.leaving {
			start, end = i.parting, i.gone
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

// update takes in an item of the part.
func (p *part) update(thing string, listed *typev1.InventoryItem) *item {
	at := slices.IndexFunc(p.items, func(i *item) bool { return i.thing == thing })
	if at < 0 {
		at = len(p.items)
		p.items = append(p.items, &item{thing: thing})
	}
	i := p.items[at]
	i.InventoryItem, i.gone = listed, time.Time{}
	if listed.GetState() == typev1.InventoryItem_DELETING && i.parting.IsZero() {
		i.parting = moment(listed.GetSince())
	}
	return i
}

// lose marks what is not there any more.
func (p *part) lose(there map[*item]bool, now time.Time) {
	for _, i := range p.items {
		if !there[i] && !i.isGone() {
			i.gone = now
		}
	}
}

// count is how many items there are and how many satisfy a condition.
func (p *part) count(is func(*item) bool) int {
	n := 0
	for _, i := range p.items {
		if is(i) {
			n++
		}
	}
	return n
}
