package ec2api

import (
	"cmp"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// ReadTags returns the tags of a create request. It refuses tags for another type than the one that the request
// creates.
func ReadTags(c *engine.Call, specifications []types.TagSpecification, resource string) (map[string]string, error) {
	tags := map[string]string{}
	for _, specification := range specifications {
		if string(specification.ResourceType) != resource {
			return nil, engine.Refuse("InvalidParameterValue", "'%s' is not a valid taggable resource type for this operation.", specification.ResourceType)
		}
		for _, tag := range specification.Tags {
			if _, twice := tags[aws.ToString(tag.Key)]; twice {
				return nil, engine.Refuse("InvalidParameterValue", "Duplicate tag key '%s' specified.", aws.ToString(tag.Key))
			}
			tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
	}
	return tags, c.CheckTags(tags)
}

// Tags returns tags in the form of EC2, sorted by key.
func Tags(tags map[string]string) []types.Tag {
	shown := make([]types.Tag, 0, len(tags))
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		shown = append(shown, types.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	return shown
}

func handleTags(s *engine.Service) {
	engine.Handle(s, "CreateTags", engine.Fields{"Resources", "Tags"}, func(c *engine.Call, in *ec2.CreateTagsInput) (*ec2.CreateTagsOutput, error) {
		if _, err := ReadTags(c, []types.TagSpecification{{Tags: in.Tags}}, ""); err != nil {
			return nil, err
		}
		return &ec2.CreateTagsOutput{}, retag(c, in.Resources, func(tags map[string]string) {
			for _, tag := range in.Tags {
				tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
			}
		})
	})
	engine.Handle(s, "DeleteTags", engine.Fields{"Resources", "Tags"}, func(c *engine.Call, in *ec2.DeleteTagsInput) (*ec2.DeleteTagsOutput, error) {
		if slices.ContainsFunc(in.Tags, func(tag types.Tag) bool { return engine.ReservedTag(aws.ToString(tag.Key)) }) {
			return nil, engine.ErrReservedTag
		}
		return &ec2.DeleteTagsOutput{}, retag(c, in.Resources, func(tags map[string]string) {
			if len(in.Tags) == 0 {
				clear(tags)
			}
			for _, tag := range in.Tags {
				if value, ok := tags[aws.ToString(tag.Key)]; ok && (tag.Value == nil || *tag.Value == value) {
					delete(tags, aws.ToString(tag.Key))
				}
			}
		})
	})
	engine.Handle(s, "DescribeTags", engine.Fields{"Filters", "MaxResults", "NextToken"}, describeTags)
}

// maxRetagged is the largest number of resources that one call can tag.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html
const maxRetagged = 1000

// retag changes the tags of several resources, or of none if one does not exist or would have invalid tags. Tags with
// the prefix aws: stay unchanged and do not count toward the limit.
func retag(c *engine.Call, ids []string, change func(own map[string]string)) error {
	if len(ids) > maxRetagged {
		return engine.Refuse("InvalidParameterValue", "The number of resources exceeds the limit of %d", maxRetagged)
	}
	var saves []func()
	for _, id := range ids {
		k, m := findTaggable(c, id)
		if m == nil {
			return engine.Refuse("InvalidID", "The ID '%s' is not valid", id)
		}
		tags, fixed := map[string]string{}, map[string]string{}
		for key, value := range m.Tags {
			if engine.ReservedTag(key) {
				fixed[key] = value
			} else {
				tags[key] = value
			}
		}
		change(tags)
		if err := c.CheckTags(tags); err != nil {
			return err
		}
		maps.Copy(tags, fixed)
		saves = append(saves, func() {
			m.FormerTags, m.TaggedAt = maps.Clone(c.VisibleTags(m)), c.Now()
			m.Tags = tags
			k.Save(c, id)
		})
	}
	for _, save := range saves {
		save()
	}
	return nil
}

// findTaggable finds the EC2 resource with the id, of any type.
func findTaggable(c *engine.Call, id string) (engine.AnyType, *engine.Metadata) {
	for _, t := range c.Types() {
		if t.Info().TagType == "" {
			continue
		}
		if m := t.Metadata(c, id); m != nil {
			return t, m
		}
	}
	return nil, nil
}

// resourceTag is one tag of one resource, as DescribeTags returns it.
type resourceTag struct{ Resource, Type, Key, Value string }

// Owner implements engine.Attributes.
func (t resourceTag) Owner() string { return t.Resource }

// Summary implements engine.Attributes.
func (t resourceTag) Summary(func(id string) string) string { return t.Key + "=" + t.Value }

// tagList is the type of the resources of DescribeTags. They are computed from the tags of all resources and never stored.
var tagList = engine.NewType[resourceTag](engine.Type{Service: "EC2", Name: "Tag"})

var tagFilters = Filters[resourceTag]{
	"key":           ByText(func(t resourceTag) string { return t.Key }),
	"value":         ByText(func(t resourceTag) string { return t.Value }),
	"resource-id":   ByText(func(t resourceTag) string { return t.Resource }),
	"resource-type": ByText(func(t resourceTag) string { return t.Type }),
}

func describeTags(c *engine.Call, in *ec2.DescribeTagsInput) (*ec2.DescribeTagsOutput, error) {
	var resources []*engine.Resource[resourceTag]
	for _, t := range c.Types() {
		if t.Info().TagType == "" {
			continue
		}
		t.Each(c, func(m *engine.Metadata) {
			for key, value := range c.VisibleTags(m) {
				if c.TagsVisible(m) {
					resources = append(resources, &engine.Resource[resourceTag]{Data: resourceTag{m.ID, t.Info().TagType, key, value}})
				}
			}
		})
	}
	slices.SortFunc(resources, func(a, b *engine.Resource[resourceTag]) int {
		return cmp.Or(cmp.Compare(a.Data.Resource, b.Data.Resource), cmp.Compare(a.Data.Key, b.Data.Key))
	})
	for i, r := range resources {
		r.Seq = uint64(i) + 1
	}
	shown, next, err := Select(c, tagList, tagFilters, resources, Query{Filters: in.Filters, Max: in.MaxResults, Next: in.NextToken},
		func(_ *engine.Call, r *engine.Resource[resourceTag]) types.TagDescription {
			return types.TagDescription{
				Key: aws.String(r.Data.Key), Value: aws.String(r.Data.Value), ResourceId: aws.String(r.Data.Resource),
				ResourceType: types.ResourceType(r.Data.Type),
			}
		})
	return &ec2.DescribeTagsOutput{Tags: shown, NextToken: next}, err
}
