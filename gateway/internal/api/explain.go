package api

import (
	"slices"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"
)

// explain says what deleting a cluster would remove: everything its parts own,
// last made first, and what is in the way already.
func explain(c *clusterv1.Cluster) *clusterv1.ExplainDeleteResponse {
	out := &clusterv1.ExplainDeleteResponse{}
	for _, item := range slices.Backward(c.GetStatus().GetResources()) {
		if item.GetId() == "" && item.GetState() != typev1.InventoryItem_INTENDED {
			continue
		}
		out.Actions = append(out.Actions, &typev1.PlannedAction{
			Verb: typev1.PlannedAction_DELETE, Resource: item.GetName(), Id: item.GetId(), Owner: c.GetName(),
		})
		if f := item.GetFault(); f != nil {
			out.Blockers = append(out.Blockers, item.GetName()+": "+f.GetMessage())
		}
	}
	return out
}
