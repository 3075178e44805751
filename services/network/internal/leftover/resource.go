package leftover

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// Factories makes the empty resources that a deletion needs.
func Factories(aws AWS, owner session.Owner) graph.Factories {
	return graph.Factories{
		leftoverKind: func() graph.Resource { return &Leftover{found: found{aws: aws, owner: owner}} },
		foreignKind:  func() graph.Resource { return &Blocker{found: found{aws: aws, owner: owner}} },
	}
}

// found is what a ledger remembers of a thing that was found.
type found struct {
	graph.Node
	aws   AWS
	owner session.Owner
}

// Name implements graph.Resource.
func (f *found) Name() string { return string(f.sort()) + "/" + f.ID() }

// Needs implements graph.Resource.
func (f *found) Needs() []graph.Resource { return nil }

// Create implements graph.Resource. Nobody declares what is found.
func (f *found) Create(context.Context) (graph.State, error) {
	return graph.Absent, fmt.Errorf("%s is not made by Skep", f.ID())
}

func (f *found) sort() Sort { return Sort(f.Attribute(attributeSort)) }

// there asks AWS whether the thing is still there, and whether it is on its way out.
func (f *found) there(ctx context.Context) (presence, error) {
	way, ok := ways[f.sort()]
	if !ok {
		return absent, fmt.Errorf("nothing is known of a %s", f.sort().words())
	}
	return way.look(ctx, f.aws, f.ID())
}

// Leftover is something of the cluster's that is to go.
type Leftover struct{ found }

// Observe implements graph.Resource.
func (l *Leftover) Observe(ctx context.Context) (graph.State, error) {
	p, err := l.there(ctx)
	switch {
	case err != nil || p == absent:
		return graph.Absent, err
	case p == ending || l.freed():
		return graph.Pending, nil
	}
	return graph.Ready, nil
}

// freed reports whether AWS removes the thing, and nobody else can.
func (l *Leftover) freed() bool { return Fate(l.Attribute(attributeFate)) == Freed }

// Delete implements graph.Resource.
func (l *Leftover) Delete(ctx context.Context) error {
	if l.freed() {
		return nil
	}
	return errorclass.IgnoreNotFound(ways[l.sort()].remove(ctx, l))
}

// ExpectedLatency implements graph.Asynchronous. AWS takes 1 to 20 minutes to remove what served
// a load balancer or an endpoint: the longer it has taken, the longer until the
// next look.
func (l *Leftover) ExpectedLatency() graph.Latency {
	since, err := time.Parse(time.RFC3339, l.Attribute(attributeFound))
	if l.freed() && err == nil {
		return graph.Latency{Gone: max(time.Since(since)*3/2, time.Second)}
	}
	return graph.Latency{Gone: ways[l.sort()].gone}
}

// Blocker is something foreign that the network cannot go before. It is never
// touched, only looked at.
type Blocker struct{ found }

// Observe implements graph.Resource. While the thing is there, the fault names it.
func (b *Blocker) Observe(ctx context.Context) (graph.State, error) {
	p, err := b.there(ctx)
	if err != nil || p == absent {
		return graph.Absent, err
	}
	return graph.Pending, &fault.Fault{
		Kind: fault.Precondition, Class: fault.Configuration, Message: b.describe(),
		Remedy: "If it is not needed, remove it: " + command(b.sort(), b.ID()) + ". The deletion goes on by itself within a minute.",
	}
}

// ExpectedLatency implements graph.Asynchronous. How long people take nobody knows: it is looked at once
// a minute, and never taken to be gone unseen.
func (b *Blocker) ExpectedLatency() graph.Latency { return graph.Latency{Gone: time.Minute} }

// Delete implements graph.Resource. It does nothing: what is foreign is not touched.
func (b *Blocker) Delete(context.Context) error { return nil }

// describe names the thing, who made it and since when it is there.
func (b *Blocker) describe() string {
	var s strings.Builder
	fmt.Fprintf(&s, "the %s %s", b.sort().words(), b.ID())
	if name := b.Attribute(attributeName); name != "" && name != b.ID() {
		fmt.Fprintf(&s, " (%s)", name)
	}
	fmt.Fprintf(&s, " is in %s and not Skep's: made by ", b.Attribute(attributeVPC))
	if creator := b.Attribute(attributeCreator); creator != "" {
		s.WriteString(creator)
	} else {
		s.WriteString("somebody AWS does not name")
	}
	if since := b.Attribute(attributeSince); since != "" {
		s.WriteString(" on " + since)
	} else {
		s.WriteString(", AWS does not say when; seen first on " + b.Attribute(attributeFound))
	}
	return s.String()
}
