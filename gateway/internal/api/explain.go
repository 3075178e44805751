package api

import (
	"context"
	"fmt"
	"slices"
	"strings"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// explain returns the effects of deleting a cluster: its own resources, the last created
// first, and the resources of other creators in its network. An error of AWS becomes a
// blocker in the response, so that the response still has everything else.
func (c *Clusters) explain(ctx context.Context, r *clusterv1.Cluster) *clusterv1.ExplainDeleteResponse {
	out := owned(r)
	network := object.NameOf(object.Organization(r.GetName()), object.Networks.CollectionID, object.ID(r.GetName()))
	adopted := r.GetSpec().GetNetwork().GetExisting()
	if adopted != "" {
		network = adopted
		out.Stays = append(out.Stays, adoptedNetwork(r, adopted))
	}
	dependents, err := c.Dependents(ctx, network)
	if err != nil && !fault.Is(err, fault.NotFound) {
		out.Blockers = append(out.Blockers, "the resources of other creators cannot be listed: "+fault.Of(err).Error())
	}
	for _, d := range dependents {
		switch d.GetFate() {
		case typev1.Dependent_GOES:
			out.Goes = append(out.Goes, d)
		case typev1.Dependent_STAYS:
			out.Stays = append(out.Stays, d)
		case typev1.Dependent_FOREIGN, typev1.Dependent_FATE_UNSPECIFIED:
			out.Foreign = append(out.Foreign, d)
			if len(d.GetBlocks()) > 0 && adopted == "" {
				out.Blockers = append(out.Blockers, blockerText(d))
			}
		}
	}
	return out
}

// adoptedNetwork returns the network that a cluster adopted, as a resource that stays.
func adoptedNetwork(r *clusterv1.Cluster, network string) *typev1.Dependent {
	d := &typev1.Dependent{Kind: object.Networks.Singular, Id: network, Name: object.ID(network), Fate: typev1.Dependent_STAYS, Creator: "Skep, as a standalone network",
		Action: "is released and kept with all of its own resources"}
	for _, item := range r.GetStatus().GetResources() {
		if item.GetName() == "network/vpc" && item.GetId() != "" {
			d.Id = item.GetId()
		}
	}
	return d
}

// owned returns the resources that Skep created for the cluster, and their faults.
func owned(r *clusterv1.Cluster) *clusterv1.ExplainDeleteResponse {
	out := &clusterv1.ExplainDeleteResponse{}
	for _, item := range slices.Backward(r.GetStatus().GetResources()) {
		if item.GetId() == "" && item.GetState() != typev1.InventoryItem_INTENDED {
			continue
		}
		if f := item.GetFault(); f != nil {
			out.Blockers = append(out.Blockers, item.GetName()+": "+f.GetMessage())
		}
		if stays := r.GetSpec().GetNetwork().GetExisting() != "" && strings.HasPrefix(item.GetName(), "network/"); !stays && !isLeftover(item) {
			out.Actions = append(out.Actions, &typev1.PlannedAction{
				Verb: typev1.PlannedAction_DELETE, Resource: item.GetName(), Id: item.GetId(), Owner: r.GetName(),
			})
		}
	}
	return out
}

// isLeftover reports whether another creator created the resource of the network. The
// inventory lists it while Skep deletes it or waits for its deletion.
func isLeftover(item *typev1.InventoryItem) bool {
	return strings.HasPrefix(item.GetName(), "network/leftover/") || strings.HasPrefix(item.GetName(), "network/foreign/")
}

// blockerText describes the resources of the network that a foreign resource blocks.
func blockerText(d *typev1.Dependent) string {
	name := d.GetId()
	if d.GetName() != "" {
		name += " (" + d.GetName() + ")"
	}
	return fmt.Sprintf("%s %s blocks the deletion of %s: it %s", strings.ReplaceAll(d.GetKind(), "-", " "), name, strings.Join(d.GetBlocks(), ", "), d.GetAction())
}
