package autoscaling

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

func handleTags(s *engine.Service) {
	engine.Handle(s, "CreateOrUpdateTags", engine.Fields{"Tags"}, createOrUpdateTags)
	engine.Handle(s, "DeleteTags", engine.Fields{"Tags"}, deleteGroupTags)
}

// createOrUpdateTags tags several groups, or none if one is refused. Existing instances keep their tags.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateOrUpdateTags.html
func createOrUpdateTags(c *engine.Call, in *autoscaling.CreateOrUpdateTagsInput) (*autoscaling.CreateOrUpdateTagsOutput, error) {
	return &autoscaling.CreateOrUpdateTagsOutput{}, retagGroups(c, in.Tags, engine.Fields{"Key", "Value", "PropagateAtLaunch"}, (*group).tag)
}

// deleteGroupTags removes tags from several groups, or from none if one is refused. It ignores tags that do not exist.
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteTags.html
func deleteGroupTags(c *engine.Call, in *autoscaling.DeleteTagsInput) (*autoscaling.DeleteTagsOutput, error) {
	return &autoscaling.DeleteTagsOutput{}, retagGroups(c, in.Tags, engine.Fields{"Key"}, (*group).untag)
}

// retagGroups makes one change for each tag of a request, to the group that the tag names.
func retagGroups(c *engine.Call, requested []types.Tag, understood engine.Fields, change func(g *group, tags map[string]string, tag types.Tag)) error {
	changed := map[string]*engine.Resource[group]{}
	for _, tag := range requested {
		engine.Guard(c.Operation, tag, append(engine.Fields{"ResourceId", "ResourceType"}, understood...)...)
		if resource := aws.ToString(tag.ResourceType); resource != "auto-scaling-group" {
			return engine.ValidationError("'%s' is not a valid resource type. It must be auto-scaling-group", resource)
		}
		r, err := findGroup(c, tag.ResourceId)
		switch {
		case err != nil:
			return err
		case engine.ReservedTag(aws.ToString(tag.Key)):
			return engine.ValidationError("%v", engine.ErrReservedTag)
		}
		if changed[r.ID] == nil {
			draft := *r
			draft.Tags, draft.Data.Propagated = maps.Clone(r.Tags), slices.Clone(r.Data.Propagated)
			changed[r.ID] = &draft
		}
		change(&changed[r.ID].Data, changed[r.ID].Tags, tag)
	}
	for _, r := range changed {
		if err := checkGroupTags(c, r.Tags); err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(changed)) {
		groups.Put(c, changed[id])
	}
	return nil
}

// checkGroupTags checks the tags of a group.
func checkGroupTags(c *engine.Call, tags map[string]string) error {
	err := c.CheckTags(tags)
	switch engine.Code(err) {
	case "":
		return nil
	case "TagLimitExceeded":
		return engine.Refuse("LimitExceeded", "The maximum number of tags of a group has been reached")
	}
	return engine.ValidationError("%v", err)
}

// tag sets a tag of a group. New instances get it if PropagateAtLaunch is set.
func (g *group) tag(tags map[string]string, tag types.Tag) {
	g.untag(tags, tag)
	key := aws.ToString(tag.Key)
	tags[key] = aws.ToString(tag.Value)
	if aws.ToBool(tag.PropagateAtLaunch) {
		g.Propagated = append(g.Propagated, key)
	}
}

// untag removes a tag from a group.
func (g *group) untag(tags map[string]string, tag types.Tag) {
	key := aws.ToString(tag.Key)
	delete(tags, key)
	g.Propagated = slices.DeleteFunc(g.Propagated, func(propagated string) bool { return propagated == key })
}

// propagated returns the tags of a group that its instances get.
func propagated(r *engine.Resource[group]) map[string]string {
	tags := maps.Clone(r.Tags)
	maps.DeleteFunc(tags, func(key, _ string) bool { return !slices.Contains(r.Data.Propagated, key) })
	return tags
}
