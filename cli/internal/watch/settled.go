package watch

import (
	"iter"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// Settled ends a sequence after the first snapshot that is READY or FAILED. It drops
// snapshots from before since, the response of a write; nil drops none.
func Settled(snapshots iter.Seq2[*clusterv1.Cluster, error], since *clusterv1.Cluster) iter.Seq2[*clusterv1.Cluster, error] {
	return func(yield func(*clusterv1.Cluster, error) bool) {
		for cluster, err := range snapshots {
			if err == nil && stale(cluster, since) {
				continue
			}
			if !yield(cluster, err) || err != nil || settled(cluster) {
				return
			}
		}
	}
}

func stale(c, since *clusterv1.Cluster) bool {
	return c.GetGeneration() < since.GetGeneration() || c.GetDeleteTime() == nil && since.GetDeleteTime() != nil
}

func settled(c *clusterv1.Cluster) bool {
	if c.GetStatus().GetObservedGeneration() < c.GetGeneration() {
		return false
	}
	state := c.GetStatus().GetState()
	return state == typev1.State_FAILED || state == typev1.State_READY && c.GetDeleteTime() == nil
}

// Fault returns the fault of a failed cluster, or nil.
func Fault(c *clusterv1.Cluster) error {
	if c.GetStatus().GetState() != typev1.State_FAILED {
		return nil
	}
	for _, condition := range c.GetStatus().GetConditions() {
		if f := fault.FromProto(condition.GetFault()); f != nil {
			f.Kind = fault.Precondition
			return f
		}
	}
	return fault.Preconditionf("Show its conditions with `skep cluster get`.", "cluster %q failed", c.GetName())
}
