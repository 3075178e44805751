// Package removal deletes the findings that a ledger holds, as resources of the graph: a
// Leftover is observed and deleted like every other resource, and a Foreign one is only observed.
//
// Every method is idempotent and returns without waiting for AWS. A resource that does
// not exist is success.
//
// Only package leftover imports it.
package removal

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/engine/graph"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/services/network/internal/leftover/finding"
	"github.com/skep-dev/skep/services/network/internal/leftover/ownership"
)

// Factories returns the constructors of the resources that a ledger may name.
func Factories(api AWS, cluster ownership.Cluster) graph.Factories {
	return graph.Factories{
		finding.LeftoverType: func() graph.Resource { return &Leftover{found: found{aws: api}, cluster: cluster} },
		finding.ForeignType:  func() graph.Resource { return &Foreign{found: found{aws: api}} },
	}
}

// found is a finding that a ledger holds. Its attributes are those of finding.Entry.
type found struct {
	graph.Node
	aws AWS
}

// Name implements graph.Resource.
func (f *found) Name() string { return string(f.resourceType()) + "/" + f.ID() }

// Needs implements graph.Resource. The dependencies stand in the ledger.
func (f *found) Needs() []graph.Resource { return nil }

// Create implements graph.Resource. It fails, because no bill of materials contains a finding.
func (f *found) Create(context.Context) (graph.State, error) {
	return graph.Absent, fmt.Errorf("cannot create %s: Skep only observes and deletes it", f.ID())
}

func (f *found) resourceType() finding.ResourceType {
	return finding.ResourceType(f.Attribute(finding.TypeAttribute))
}

func (f *found) presence(ctx context.Context) (presence, error) {
	h, ok := handlers[f.resourceType()]
	if !ok {
		return absent, fmt.Errorf("no handler for a leftover of type %q", f.resourceType())
	}
	return h.observe(ctx, f.aws, f.ID())
}

// Leftover is a resource of the cluster that another creator created and that is to be deleted.
type Leftover struct {
	found
	cluster ownership.Cluster
}

// Observe implements graph.Resource.
func (l *Leftover) Observe(ctx context.Context) (graph.State, error) {
	p, err := l.presence(ctx)
	switch {
	case err != nil || p == absent:
		return graph.Absent, err
	case p == deleting || l.releasedByAWS():
		return graph.Pending, nil
	}
	return graph.Ready, nil
}

func (l *Leftover) releasedByAWS() bool {
	return finding.Disposition(l.Attribute(finding.DispositionAttribute)) == finding.ReleasedByAWS
}

// Delete implements graph.Resource. It does nothing for a resource that only AWS can delete.
func (l *Leftover) Delete(ctx context.Context) error {
	if l.releasedByAWS() {
		return nil
	}
	return errorclass.IgnoreNotFound(handlers[l.resourceType()].delete(ctx, l))
}

// ExpectedLatency implements graph.Asynchronous. AWS takes 1 to 20 minutes to delete the network
// interface of a load balancer or an endpoint, so the time between two polls grows with the time already waited.
func (l *Leftover) ExpectedLatency() graph.Latency {
	since, err := time.Parse(time.RFC3339, l.Attribute(finding.FindTimeAttribute))
	if l.releasedByAWS() && err == nil {
		return graph.Latency{Deleted: max(time.Since(since)*3/2, time.Second)}
	}
	return graph.Latency{Deleted: handlers[l.resourceType()].deleteLatency}
}

// Foreign is a resource of another creator that blocks the delete. Skep only observes it.
type Foreign struct{ found }

// Observe implements graph.Resource. While the resource exists, the fault names it.
func (f *Foreign) Observe(ctx context.Context) (graph.State, error) {
	p, err := f.presence(ctx)
	if err != nil || p == absent {
		return graph.Absent, err
	}
	return graph.Pending, &fault.Fault{
		Kind: fault.Precondition, Class: fault.Configuration, Message: f.describe(),
		Remedy: "If you do not need it, delete it: " + f.resourceType().DeleteCommand(f.ID()) + ". The delete then continues automatically within a minute.",
	}
}

// ExpectedLatency implements graph.Asynchronous. The time until a person deletes the resource is
// unknown, so it is polled once a minute.
func (f *Foreign) ExpectedLatency() graph.Latency { return graph.Latency{Deleted: time.Minute} }

// Delete implements graph.Resource. It does nothing: Skep never changes a foreign resource.
func (f *Foreign) Delete(context.Context) error { return nil }

// describe names the resource, its creator and its age.
func (f *Foreign) describe() string {
	var s strings.Builder
	fmt.Fprintf(&s, "the %s %s", f.resourceType().Words(), f.ID())
	if name := f.Attribute(finding.NameAttribute); name != "" && name != f.ID() {
		fmt.Fprintf(&s, " (%s)", name)
	}
	fmt.Fprintf(&s, " in %s blocks the delete and does not belong to the cluster: created by %s", f.Attribute(finding.VPCAttribute),
		cmp.Or(f.Attribute(finding.CreatorAttribute), "an unknown creator"))
	if created := f.Attribute(finding.CreateTimeAttribute); created != "" {
		s.WriteString(" on " + created)
	} else {
		s.WriteString(" at an unknown time, found by Skep on " + f.Attribute(finding.FindTimeAttribute))
	}
	return s.String()
}
