package route53

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

func handleHostedZoneTag(s *engine.Service) {
	engine.Handle(s, "ChangeTagsForResource", engine.Fields{"ResourceId", "ResourceType", "AddTags", "RemoveTagKeys"}, changeTagsForResource)
	engine.Handle(s, "ListTagsForResource", engine.Fields{"ResourceId", "ResourceType"}, listTagsForResource)
}

// changeTagsForResource sets the tags of a zone. CreateHostedZone takes none.
// https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeTagsForResource.html
func changeTagsForResource(c *engine.Call, in *route53.ChangeTagsForResourceInput) (*route53.ChangeTagsForResourceOutput, error) {
	if in.ResourceType != types.TagResourceTypeHostedzone {
		c.Unsimulated("ResourceType", in.ResourceType)
	}
	k, r, err := findHostedZone(c, in.ResourceId)
	if err != nil {
		return nil, err
	}
	tags := maps.Clone(r.Tags)
	if tags == nil {
		tags = map[string]string{}
	}
	for _, key := range in.RemoveTagKeys {
		delete(tags, key)
	}
	for _, tag := range in.AddTags {
		tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	if err := c.CheckTags(tags); err != nil {
		return nil, engine.Refuse("InvalidInput", "%v", err)
	}
	r.Tags = tags
	k.Put(c, r)
	return &route53.ChangeTagsForResourceOutput{}, nil
}

func listTagsForResource(c *engine.Call, in *route53.ListTagsForResourceInput) (*route53.ListTagsForResourceOutput, error) {
	if in.ResourceType != types.TagResourceTypeHostedzone {
		c.Unsimulated("ResourceType", in.ResourceType)
	}
	_, r, err := findHostedZone(c, in.ResourceId)
	if err != nil {
		return nil, err
	}
	set := &types.ResourceTagSet{ResourceId: aws.String(r.ID), ResourceType: in.ResourceType}
	for _, key := range slices.Sorted(maps.Keys(r.Tags)) {
		set.Tags = append(set.Tags, types.Tag{Key: aws.String(key), Value: aws.String(r.Tags[key])})
	}
	return &route53.ListTagsForResourceOutput{ResourceTagSet: set}, nil
}
