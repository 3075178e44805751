package ingress

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/skep-dev/skep/libs/aws/errorclass"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// HostedZoneTags holds the owner tags of the zone. CreateHostedZone takes no tags, so they need a call and a
// resource of their own.
type HostedZoneTags struct {
	graph.Node
	account
	Zone *HostedZone
}

// Name implements graph.Resource.
func (h *HostedZoneTags) Name() string { return "hosted-zone-tags" }

// Needs implements graph.Resource.
func (h *HostedZoneTags) Needs() []graph.Resource { return []graph.Resource{h.Zone} }

// Key implements graph.NaturallyKeyed. Tags have no id: the key is the id of the zone.
func (h *HostedZoneTags) Key() string { return h.Zone.ID() }

// Observe implements graph.Resource.
func (h *HostedZoneTags) Observe(ctx context.Context) (graph.State, error) {
	out, err := h.ListTagsForResource(ctx, &route53.ListTagsForResourceInput{
		ResourceType: types.TagResourceTypeHostedzone, ResourceId: aws.String(h.ID()),
	})
	if err != nil {
		return graph.Absent, errorclass.IgnoreNotFound(err)
	}
	if h.Zone == nil || out.ResourceTagSet == nil {
		return graph.Ready, nil
	}
	observed := make(map[string]string)
	for _, tag := range out.ResourceTagSet.Tags {
		observed[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	for _, tag := range h.desired() {
		if observed[aws.ToString(tag.Key)] != aws.ToString(tag.Value) {
			return graph.Drifted, nil
		}
	}
	return graph.Ready, nil
}

// desired returns the tags of the zone, with the resource name and the token of the zone, not of these tags.
func (h *HostedZoneTags) desired() []types.Tag { return h.zoneTags(h.Zone.Name(), h.Zone.Token()) }

// Create implements graph.Resource.
func (h *HostedZoneTags) Create(ctx context.Context) (graph.State, error) {
	if err := h.Update(ctx); err != nil {
		return graph.Absent, err
	}
	return graph.Ready, nil
}

// Update implements graph.Updater.
func (h *HostedZoneTags) Update(ctx context.Context) error {
	_, err := h.ChangeTagsForResource(ctx, &route53.ChangeTagsForResourceInput{
		ResourceType: types.TagResourceTypeHostedzone, ResourceId: aws.String(h.ID()), AddTags: h.desired(),
	})
	return err
}

// Delete implements graph.Resource. Route 53 deletes the tags with their zone.
func (h *HostedZoneTags) Delete(context.Context) error { return nil }
