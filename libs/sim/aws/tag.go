package aws

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// reserved says whether a tag key is one that only AWS itself may write.
func reserved(key string) bool { return strings.HasPrefix(strings.ToLower(key), "aws:") }

var errReserved = refuse("InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")

// checkTags holds what every service asks of tags.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
func (c *call) checkTags(tags map[string]string) error {
	for key, value := range tags {
		switch {
		case reserved(key):
			return errReserved
		case key == "" || utf8.RuneCountInString(key) > 128:
			return refuse("InvalidParameterValue", "Tag key '%s' exceeds the limit of 128 characters, or is empty", key)
		case utf8.RuneCountInString(value) > 256:
			return refuse("InvalidParameterValue", "Tag value exceeds the limit of 256 characters")
		}
	}
	return c.full("TagsPerResource", len(tags)-1, "TagLimitExceeded", "The maximum number of Tags for a resource has been reached.")
}

// tagsOn reads the tags that a create gives to the kind of thing it makes.
func (c *call) tagsOn(specifications []types.TagSpecification, resource string) (map[string]string, error) {
	tags := map[string]string{}
	for _, specification := range specifications {
		if string(specification.ResourceType) != resource {
			return nil, refuse("InvalidParameterValue", "'%s' is not a valid taggable resource type for this operation.", specification.ResourceType)
		}
		for _, tag := range specification.Tags {
			if _, twice := tags[aws.ToString(tag.Key)]; twice {
				return nil, refuse("InvalidParameterValue", "Duplicate tag key '%s' specified.", aws.ToString(tag.Key))
			}
			tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
	}
	return tags, c.checkTags(tags)
}

// ec2Tags shows tags as EC2 does, sorted by key.
func ec2Tags(tags map[string]string) []types.Tag {
	shown := make([]types.Tag, 0, len(tags))
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		shown = append(shown, types.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	return shown
}

func init() {
	handle("EC2", "CreateTags", fields{"Resources", "Tags"}, func(c *call, in *ec2.CreateTagsInput) (*ec2.CreateTagsOutput, error) {
		if _, err := c.tagsOn([]types.TagSpecification{{Tags: in.Tags}}, ""); err != nil {
			return nil, err
		}
		return &ec2.CreateTagsOutput{}, c.retag(in.Resources, func(tags map[string]string) {
			for _, tag := range in.Tags {
				tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
			}
		})
	})
	handle("EC2", "DeleteTags", fields{"Resources", "Tags"}, func(c *call, in *ec2.DeleteTagsInput) (*ec2.DeleteTagsOutput, error) {
		if slices.ContainsFunc(in.Tags, func(tag types.Tag) bool { return reserved(aws.ToString(tag.Key)) }) {
			return nil, errReserved
		}
		return &ec2.DeleteTagsOutput{}, c.retag(in.Resources, func(tags map[string]string) {
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
	handle("EC2", "DescribeTags", fields{"Filters", "MaxResults", "NextToken"}, describeTags)
}

// retagged is how many things one call tags at the most.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html
const retagged = 1000

// retag changes the tags of several things, or of none when one does not exist or would end up with tags it may not have.
// The tags that AWS itself wrote stay as they are, and do not count towards the limit.
func (c *call) retag(ids []string, change func(own map[string]string)) error {
	if len(ids) > retagged {
		return refuse("InvalidParameterValue", "The number of resources exceeds the limit of %d", retagged)
	}
	var saves []func()
	for _, id := range ids {
		k, m := c.taggable(id)
		if m == nil {
			return refuse("InvalidID", "The ID '%s' is not valid", id)
		}
		tags, fixed := map[string]string{}, map[string]string{}
		for key, value := range m.Tags {
			if reserved(key) {
				fixed[key] = value
			} else {
				tags[key] = value
			}
		}
		change(tags)
		if err := c.checkTags(tags); err != nil {
			return err
		}
		maps.Copy(tags, fixed)
		saves = append(saves, func() {
			m.Former, m.TaggedAt = maps.Clone(c.shown(m)), c.now()
			m.Tags = tags
			k.save(c, id)
		})
	}
	for _, save := range saves {
		save()
	}
	return nil
}

// shown are the tags of a thing as reads show them: those that it had before, for as long as tags lag.
func (c *call) shown(m *meta) map[string]string {
	if !m.TaggedAt.IsZero() && c.now().Before(m.TaggedAt.Add(c.w.span(c.w.options.TagLag))) {
		return m.Former
	}
	return m.Tags
}

// taggable finds whatever EC2 thing has the id.
func (c *call) taggable(id string) (anyKind, *meta) {
	for _, k := range kinds {
		if k.tagType() == "" {
			continue
		}
		if m, _ := k.find(c.w, scope{c.Account, c.Region}, id); m != nil {
			return k, m
		}
	}
	return nil, nil
}

// tagged is one tag of one thing, as DescribeTags pages through them.
type tagged struct{ Resource, Type, Key, Value string }

func (t tagged) owner() string                      { return t.Resource }
func (t tagged) text(func(id string) string) string { return t.Key + "=" + t.Value }

// tagList is never stored: DescribeTags fills rows of it from the tags of everything.
var tagList = &kind[tagged]{service: "EC2", name: "Tag"}

var tagFilters = filters[tagged]{
	"key":           one(func(t tagged) string { return t.Key }),
	"value":         one(func(t tagged) string { return t.Value }),
	"resource-id":   one(func(t tagged) string { return t.Resource }),
	"resource-type": one(func(t tagged) string { return t.Type }),
}

func describeTags(c *call, in *ec2.DescribeTagsInput) (*ec2.DescribeTagsOutput, error) {
	var rows []*row[tagged]
	for _, k := range sortedKinds() {
		if k.tagType() == "" {
			continue
		}
		k.each(c.w, scope{c.Account, c.Region}, func(m *meta, _ thing) {
			for key, value := range c.shown(m) {
				if tagsVisible(c, m) {
					rows = append(rows, &row[tagged]{Data: tagged{m.ID, k.tagType(), key, value}})
				}
			}
		})
	}
	slices.SortFunc(rows, func(a, b *row[tagged]) int {
		return cmp.Or(cmp.Compare(a.Data.Resource, b.Data.Resource), cmp.Compare(a.Data.Key, b.Data.Key))
	})
	for i, r := range rows {
		r.Seq = uint64(i) + 1
	}
	shown, next, err := narrow(c, tagList, tagFilters, rows, query{filters: in.Filters, max: in.MaxResults, next: in.NextToken},
		func(_ *call, r *row[tagged]) types.TagDescription {
			return types.TagDescription{
				Key: aws.String(r.Data.Key), Value: aws.String(r.Data.Value), ResourceId: aws.String(r.Data.Resource),
				ResourceType: types.ResourceType(r.Data.Type),
			}
		})
	return &ec2.DescribeTagsOutput{Tags: shown, NextToken: next}, err
}
