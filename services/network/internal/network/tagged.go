package network

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/graph"
)

// tagged is embedded by the resources that carry the owner tags. The owner changes when a cluster adopts or
// releases the network. Controllers in the cluster and the IAM policies of its machines rely on these tags.
type tagged struct {
	account
	missing, stale []types.Tag
}

// These attributes record the last repair of the tags: the uid of the owner, and the time.
const (
	taggedFor = "tagged-for"
	taggedAt  = "tagged-at"
)

// compare compares the observed tags of a resource with the desired ones: the uid of the owner, and the
// tags in others. It returns Ready or Drifted, and keeps the difference for retag. It ignores the tags Name and
// intent, which never change, and the tags of other creators.
//
// EC2 may show tags late. A resource without the tag of the uid counts as ready, and so does one
// that retag tagged for this owner within the consistency window.
func (t *tagged) compare(node *graph.Node, observed []types.Tag, others ...session.Tag) graph.State {
	shown := make(map[string]string, len(observed))
	for _, tag := range observed {
		shown[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	owner, recent := shown[session.TagCluster], recentOwner(node)
	switch {
	case owner == "" || recent == t.owner.Cluster:
		return graph.Ready
	case recent != "":
		owner = recent
	}
	moved := owner != t.owner.Cluster
	for _, tag := range append([]session.Tag{{Key: session.TagCluster, Value: t.owner.Cluster}}, others...) {
		if value, ok := shown[tag.Key]; moved || !ok || value != tag.Value {
			t.missing = append(t.missing, types.Tag{Key: aws.String(tag.Key), Value: aws.String(tag.Value)})
		}
		if moved && strings.HasSuffix(tag.Key, "/"+t.owner.Cluster) {
			t.stale = append(t.stale, types.Tag{Key: aws.String(strings.TrimSuffix(tag.Key, t.owner.Cluster) + owner)})
		}
	}
	if len(t.missing) > 0 {
		return graph.Drifted
	}
	return graph.Ready
}

// recentOwner returns the owner that retag tagged the resource for within the consistency window, or "".
// EC2 may still show the tags of the former owner.
func recentOwner(node *graph.Node) string {
	at, err := time.Parse(time.RFC3339, node.Attribute(taggedAt))
	if err != nil || time.Since(at) > graph.ConsistencyWindow {
		return ""
	}
	return node.Attribute(taggedFor)
}

// retag repairs the tags that compare found to differ. Without such a tag, another property drifted and it returns
// graph.ImmutableDrift. It deletes the tags with the uid of the former owner in their key first:
// after a crash, that uid, still in the cluster tag, shows which of these keys remain to delete.
func (t *tagged) retag(ctx context.Context, node *graph.Node) error {
	if len(t.missing) == 0 {
		return graph.ImmutableDrift()
	}
	if len(t.stale) > 0 {
		if _, err := t.DeleteTags(ctx, &ec2.DeleteTagsInput{Resources: []string{node.ID()}, Tags: t.stale}); err != nil {
			return err
		}
	}
	if _, err := t.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{node.ID()}, Tags: t.missing}); err != nil {
		return err
	}
	node.SetAttribute(taggedFor, t.owner.Cluster)
	node.SetAttribute(taggedAt, time.Now().UTC().Format(time.RFC3339))
	return nil
}
