package elb

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

func handleTags(s *engine.Service) {
	engine.Handle(s, "AddTags", engine.Fields{"ResourceArns", "Tags"}, func(c *engine.Call, in *elb.AddTagsInput) (*elb.AddTagsOutput, error) {
		tags, err := readTags(c, in.Tags)
		if err != nil {
			return nil, err
		}
		return &elb.AddTagsOutput{}, retag(c, in.ResourceArns, func(own map[string]string) { maps.Copy(own, tags) })
	})
	engine.Handle(s, "RemoveTags", engine.Fields{"ResourceArns", "TagKeys"}, func(c *engine.Call, in *elb.RemoveTagsInput) (*elb.RemoveTagsOutput, error) {
		return &elb.RemoveTagsOutput{}, retag(c, in.ResourceArns, func(own map[string]string) {
			for _, key := range in.TagKeys {
				delete(own, key)
			}
		})
	})
	engine.Handle(s, "DescribeTags", engine.Fields{"ResourceArns"}, describeTags)
}

// readTags returns the tags of a request.
func readTags(c *engine.Call, list []types.Tag) (map[string]string, error) {
	tags := map[string]string{}
	for _, tag := range list {
		if _, twice := tags[aws.ToString(tag.Key)]; twice {
			return nil, engine.Refuse("DuplicateTagKeys", "Duplicate tag key '%s'", aws.ToString(tag.Key))
		}
		tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return tags, checkTags(c, tags)
}

func checkTags(c *engine.Call, tags map[string]string) error {
	err := c.CheckTags(tags)
	switch engine.Code(err) {
	case "":
		return nil
	case "TagLimitExceeded":
		return engine.Refuse("TooManyTags", "The maximum number of tags has been reached")
	}
	return engine.Refuse("ValidationError", "%v", err)
}

// findResource finds the resource with the ARN.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTags.html
func findResource(c *engine.Call, arn string) (engine.AnyType, *engine.Metadata, error) {
	for _, candidate := range []struct {
		prefix string
		kind   engine.AnyType
		refuse string
	}{
		{"loadbalancer/", LoadBalancers, "LoadBalancerNotFound"},
		{"targetgroup/", TargetGroups, "TargetGroupNotFound"},
		{"listener/", Listeners, "ListenerNotFound"},
	} {
		if !strings.HasPrefix(arn, ARN(c, candidate.prefix)) {
			continue
		}
		if m := candidate.kind.Metadata(c, arn); m != nil {
			return candidate.kind, m, nil
		}
		return nil, nil, engine.Refuse(candidate.refuse, "'%s' not found", arn)
	}
	return nil, nil, engine.Refuse("ValidationError", "'%s' is not a valid ARN", arn)
}

// retag changes the tags of all resources, or of none if one does not exist or would have invalid tags.
func retag(c *engine.Call, arns []string, change func(map[string]string)) error {
	var saves []func()
	for _, arn := range arns {
		k, m, err := findResource(c, arn)
		if err != nil {
			return err
		}
		tags := maps.Clone(m.Tags)
		change(tags)
		if err := checkTags(c, tags); err != nil {
			return err
		}
		saves = append(saves, func() { m.Tags = tags; k.Save(c, arn) })
	}
	for _, save := range saves {
		save()
	}
	return nil
}

// describeTags accepts at most 20 ARNs.
func describeTags(c *engine.Call, in *elb.DescribeTagsInput) (*elb.DescribeTagsOutput, error) {
	if len(in.ResourceArns) > 20 {
		return nil, engine.Refuse("ValidationError", "Up to 20 resources can be described in a single call")
	}
	out := &elb.DescribeTagsOutput{}
	for _, arn := range in.ResourceArns {
		_, m, err := findResource(c, arn)
		if err != nil {
			return nil, err
		}
		description := types.TagDescription{ResourceArn: aws.String(arn)}
		if c.TagsVisible(m) {
			for _, key := range slices.Sorted(maps.Keys(m.Tags)) {
				description.Tags = append(description.Tags, types.Tag{Key: aws.String(key), Value: aws.String(m.Tags[key])})
			}
		}
		out.TagDescriptions = append(out.TagDescriptions, description)
	}
	return out, nil
}
