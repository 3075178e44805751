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

// explain says what deleting a cluster would do: what of its own goes, last made
// first, and what others made in its network and around it. That AWS cannot be
// asked is told as what is in the way, and keeps nothing else from being told.
func (c *Clusters) explain(ctx context.Context, r *clusterv1.Cluster) *clusterv1.ExplainDeleteResponse {
	out := owned(r)
	network := object.NameOf(object.Organization(r.GetName()), object.Networks.CollectionID, object.ID(r.GetName()))
	adopted := r.GetSpec().GetNetwork().GetExisting()
	if adopted != "" {
		network = adopted
		out.Stays = append(out.Stays, kept(r, adopted))
	}
	dependents, err := c.Dependents(ctx, network)
	if err != nil && !fault.Is(err, fault.NotFound) {
		out.Blockers = append(out.Blockers, "what others made cannot be looked for: "+fault.Of(err).Error())
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
				out.Blockers = append(out.Blockers, blocks(d))
			}
		}
	}
	return out
}

// kept is the network that a cluster adopted.
func kept(r *clusterv1.Cluster, network string) *typev1.Dependent {
	d := &typev1.Dependent{Kind: object.Networks.Singular, Id: network, Name: object.ID(network), Fate: typev1.Dependent_STAYS, Creator: "Skep, by itself",
		Action: "is given back and kept with everything in it that the network declares"}
	for _, item := range r.GetStatus().GetResources() {
		if item.GetName() == "network/vpc" && item.GetId() != "" {
			d.Id = item.GetId()
		}
	}
	return d
}

// owned is what Skep itself made for the cluster, and what AWS refuses about it already.
func owned(r *clusterv1.Cluster) *clusterv1.ExplainDeleteResponse {
	out := &clusterv1.ExplainDeleteResponse{}
	for _, item := range slices.Backward(r.GetStatus().GetResources()) {
		if item.GetId() == "" && item.GetState() != typev1.InventoryItem_INTENDED {
			continue
		}
		if f := item.GetFault(); f != nil {
			out.Blockers = append(out.Blockers, item.GetName()+": "+f.GetMessage())
		}
		if stays := r.GetSpec().GetNetwork().GetExisting() != "" && strings.HasPrefix(item.GetName(), "network/"); !stays && !found(item) {
			out.Actions = append(out.Actions, &typev1.PlannedAction{
				Verb: typev1.PlannedAction_DELETE, Resource: item.GetName(), Id: item.GetId(), Owner: r.GetName(),
			})
		}
	}
	return out
}

// found reports whether a thing of the network is one that others made: it is in
// the inventory while it is removed or waited for.
func found(item *typev1.InventoryItem) bool {
	return strings.HasPrefix(item.GetName(), "network/leftover/") || strings.HasPrefix(item.GetName(), "network/foreign/")
}

// blocks says in words what a foreign thing is in the way of.
func blocks(d *typev1.Dependent) string {
	name := d.GetId()
	if d.GetName() != "" {
		name += " (" + d.GetName() + ")"
	}
	return fmt.Sprintf("%s %s keeps %s: it %s", strings.ReplaceAll(d.GetKind(), "-", " "), name, strings.Join(d.GetBlocks(), ", "), d.GetAction())
}
