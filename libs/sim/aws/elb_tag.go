package aws

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

func init() {
	handle(elbv2, "AddTags", fields{"ResourceArns", "Tags"}, func(c *call, in *elb.AddTagsInput) (*elb.AddTagsOutput, error) {
		tags, err := c.elbTags(in.Tags)
		if err != nil {
			return nil, err
		}
		return &elb.AddTagsOutput{}, c.retagELB(in.ResourceArns, func(own map[string]string) { maps.Copy(own, tags) })
	})
	handle(elbv2, "RemoveTags", fields{"ResourceArns", "TagKeys"}, func(c *call, in *elb.RemoveTagsInput) (*elb.RemoveTagsOutput, error) {
		return &elb.RemoveTagsOutput{}, c.retagELB(in.ResourceArns, func(own map[string]string) {
			for _, key := range in.TagKeys {
				delete(own, key)
			}
		})
	})
	handle(elbv2, "DescribeTags", fields{"ResourceArns"}, describeELBTags)
}

// elbTags reads the tags of a request.
func (c *call) elbTags(list []types.Tag) (map[string]string, error) {
	tags := map[string]string{}
	for _, tag := range list {
		if _, twice := tags[aws.ToString(tag.Key)]; twice {
			return nil, refuse("DuplicateTagKeys", "Duplicate tag key '%s'", aws.ToString(tag.Key))
		}
		tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return tags, c.checkELBTags(tags)
}

func (c *call) checkELBTags(tags map[string]string) error {
	err := c.checkTags(tags)
	switch code(err) {
	case "":
		return nil
	case "TagLimitExceeded":
		return refuse("TooManyTags", "The maximum number of tags has been reached")
	}
	return refuse("ValidationError", "%v", err)
}

// elbResource finds what has the ARN.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTags.html
func (c *call) elbResource(arn string) (anyKind, *meta, error) {
	for _, candidate := range []struct {
		prefix string
		kind   anyKind
		refuse string
	}{
		{"loadbalancer/", loadBalancers, "LoadBalancerNotFound"},
		{"targetgroup/", targetGroups, "TargetGroupNotFound"},
		{"listener/", listeners, "ListenerNotFound"},
	} {
		if !strings.HasPrefix(arn, c.elbARN(candidate.prefix)) {
			continue
		}
		if m, _ := candidate.kind.find(c.w, scope{c.Account, c.Region}, arn); m != nil {
			return candidate.kind, m, nil
		}
		return nil, nil, refuse(candidate.refuse, "'%s' not found", arn)
	}
	return nil, nil, refuse("ValidationError", "'%s' is not a valid ARN", arn)
}

// retagELB changes the tags of all of the things, or of none.
func (c *call) retagELB(arns []string, change func(map[string]string)) error {
	var saves []func()
	for _, arn := range arns {
		k, m, err := c.elbResource(arn)
		if err != nil {
			return err
		}
		tags := maps.Clone(m.Tags)
		change(tags)
		if err := c.checkELBTags(tags); err != nil {
			return err
		}
		saves = append(saves, func() { m.Tags = tags; k.save(c, arn) })
	}
	for _, save := range saves {
		save()
	}
	return nil
}

// describeELBTags takes at most 20 ARNs.
func describeELBTags(c *call, in *elb.DescribeTagsInput) (*elb.DescribeTagsOutput, error) {
	if len(in.ResourceArns) > 20 {
		return nil, refuse("ValidationError", "Up to 20 resources can be described in a single call")
	}
	out := &elb.DescribeTagsOutput{}
	for _, arn := range in.ResourceArns {
		_, m, err := c.elbResource(arn)
		if err != nil {
			return nil, err
		}
		description := types.TagDescription{ResourceArn: aws.String(arn)}
		if tagsVisible(c, m) {
			for _, key := range slices.Sorted(maps.Keys(m.Tags)) {
				description.Tags = append(description.Tags, types.Tag{Key: aws.String(key), Value: aws.String(m.Tags[key])})
			}
		}
		out.TagDescriptions = append(out.TagDescriptions, description)
	}
	return out, nil
}
