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

// tagged is embedded by what carries the tags of its owner. A network changes hands
// when a cluster adopts it or gives it back, and controllers in a cluster, like the
// policies of its machines, go by these tags.
type tagged struct {
	account
	missing, stale []types.Tag
}

// The attributes that keep for whom a thing was tagged anew last, and when.
const (
	taggedFor = "tagged-for"
	taggedAt  = "tagged-at"
)

// compare says whether a thing that is there with these tags is as declared: it
// carries the uid of its owner, and the other tags. Name and intent never change, and
// tags of others are theirs. EC2 may show tags late: none at all say nothing, and what
// was asked for within the time in which it shows counts as there.
func (t *tagged) compare(node *graph.Node, there []types.Tag, others ...session.Tag) graph.State {
	shown := make(map[string]string, len(there))
	for _, tag := range there {
		shown[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	owner, asked := shown[session.TagCluster], lately(node)
	switch {
	case owner == "" || asked == t.owner.Cluster:
		return graph.Ready
	case asked != "":
		owner = asked
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

// lately is the owner for whom the thing was tagged anew so lately that EC2 need not
// show it yet, or "".
func lately(node *graph.Node) string {
	at, err := time.Parse(time.RFC3339, node.Attribute(taggedAt))
	if err != nil || time.Since(at) > graph.ConsistencyWindow {
		return ""
	}
	return node.Attribute(taggedFor)
}

// retag mends the tags that compare found to differ. The tags of the former owner go
// first: while its uid is there, it is known what else has to go.
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
