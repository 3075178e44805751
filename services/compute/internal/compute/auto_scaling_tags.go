package compute

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/skep-dev/skep/libs/aws/session"
)

// What the cluster autoscaler reads of a group.
// https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md
const (
	tagAutoscaler = "k8s.io/cluster-autoscaler/"
	tagNodeLabel  = tagAutoscaler + "node-template/label/"
)

// writtenLabels is the attribute that holds the node labels whose tags Skep wrote,
// separated by commas, which no label may have. Tags of others are left alone, even if
// they look like these.
const writtenLabels = "written-labels"

// tagChange is what makes the tags of a group those that are declared.
type tagChange struct{ write, remove []types.Tag }

func (t tagChange) needed() bool { return len(t.write)+len(t.remove) > 0 }

// tags are those of the group. Nodes are given the one that says whose they are;
// the others of theirs are in the launch template. The cluster autoscaler finds the group by its own,
// and knows by the templates what a node would be like before there is one.
func (a *AutoScalingGroup) tags() []types.Tag {
	own := a.owner.KubernetesTag("owned")
	extra := []session.Tag{
		own,
		{Key: tagAutoscaler + "enabled", Value: "true"},
		{Key: tagAutoscaler + a.owner.Cluster, Value: "owned"},
	}
	for _, label := range a.labels() {
		extra = append(extra, session.Tag{Key: tagNodeLabel + label, Value: a.Spec.Labels[label]})
	}
	var tags []types.Tag
	for _, tag := range a.owner.Tags(a.Name(), a.Token(), extra...) {
		written := a.tag(tag.Key)
		written.Value, written.PropagateAtLaunch = aws.String(tag.Value), aws.Bool(tag.Key == own.Key)
		tags = append(tags, written)
	}
	return tags
}

func (a *AutoScalingGroup) tag(key string) types.Tag {
	return types.Tag{Key: aws.String(key), ResourceId: aws.String(a.ID()), ResourceType: aws.String("auto-scaling-group")}
}

func (a *AutoScalingGroup) labels() []string { return slices.Sorted(maps.Keys(a.Spec.Labels)) }

// compareTags says how the tags that were found have to change, and remembers the
// labels whose tags are or are about to be there.
func (a *AutoScalingGroup) compareTags(found []types.TagDescription) tagChange {
	there := make(map[string]string, len(found))
	for _, tag := range found {
		there[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	var change tagChange
	for _, tag := range a.tags() {
		value, ok := there[*tag.Key]
		// The intent is that of the create which made the group, and stays.
		if *tag.Key != session.TagIntent && (!ok || value != *tag.Value) {
			change.write = append(change.write, tag)
		}
	}
	mine := a.labels()
	for label := range strings.SplitSeq(a.Attribute(writtenLabels), ",") {
		_, declared := a.Spec.Labels[label]
		if _, ok := there[tagNodeLabel+label]; ok && !declared {
			change.remove = append(change.remove, a.tag(tagNodeLabel+label))
			mine = append(mine, label)
		}
	}
	a.remember(mine)
	return change
}

func (a *AutoScalingGroup) remember(labels []string) {
	a.SetAttribute(writtenLabels, strings.Join(labels, ","))
}

// retag makes the tags of the group those that are declared.
func (a *AutoScalingGroup) retag(ctx context.Context) error {
	if len(a.tagging.write) > 0 {
		if _, err := a.CreateOrUpdateTags(ctx, &autoscaling.CreateOrUpdateTagsInput{Tags: a.tagging.write}); err != nil {
			return err
		}
	}
	if len(a.tagging.remove) > 0 {
		if _, err := a.DeleteTags(ctx, &autoscaling.DeleteTagsInput{Tags: a.tagging.remove}); err != nil {
			return err
		}
	}
	a.remember(a.labels())
	return nil
}
