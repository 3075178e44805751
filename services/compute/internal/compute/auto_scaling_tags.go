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

// The cluster autoscaler reads tags with these prefixes.
// https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md
const (
	tagAutoscaler = "k8s.io/cluster-autoscaler/"
	tagNodeLabel  = tagAutoscaler + "node-template/label/"
)

// writtenLabels is the attribute with the node labels for which Skep wrote tags, separated by commas; a label contains
// no comma. It lets Skep delete the tag of a removed label and keep a label tag that another client wrote.
const writtenLabels = "written-labels"

// tagChange is the difference between the observed and the desired tags of a group.
type tagChange struct{ write, remove []types.Tag }

func (t tagChange) needed() bool { return len(t.write)+len(t.remove) > 0 }

// tags returns the desired tags of the group. Nodes inherit only the tag kubernetes.io/cluster/<uid>; their
// other tags come from the launch template. The cluster autoscaler finds the group by its autoscaler tags, and
// learns the labels of a node from the node-template tags before the first node exists.
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

// compareTags returns the change from the observed to the desired tags, and records the labels whose tags exist
// before or after that change.
func (a *AutoScalingGroup) compareTags(found []types.TagDescription) tagChange {
	observed := make(map[string]string, len(found))
	for _, tag := range found {
		observed[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	var change tagChange
	for _, tag := range a.tags() {
		value, ok := observed[*tag.Key]
		// The intent tag keeps the token of the create that made the group, even if the token of the graph differs.
		if *tag.Key != session.TagIntent && (!ok || value != *tag.Value) {
			change.write = append(change.write, tag)
		}
	}
	labels := a.labels()
	for label := range strings.SplitSeq(a.Attribute(writtenLabels), ",") {
		_, desired := a.Spec.Labels[label]
		if _, ok := observed[tagNodeLabel+label]; ok && !desired {
			change.remove = append(change.remove, a.tag(tagNodeLabel+label))
			labels = append(labels, label)
		}
	}
	a.recordLabels(labels)
	return change
}

func (a *AutoScalingGroup) recordLabels(labels []string) {
	a.SetAttribute(writtenLabels, strings.Join(labels, ","))
}

// retag applies the change that Observe found.
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
	a.recordLabels(a.labels())
	return nil
}
