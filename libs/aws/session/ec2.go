package session

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// EC2Tags are the tags of one thing as an EC2 create takes them.
func (o Owner) EC2Tags(kind types.ResourceType, name, token string, extra ...Tag) []types.TagSpecification {
	specification := types.TagSpecification{ResourceType: kind}
	for _, tag := range o.Tags(name, token, extra...) {
		specification.Tags = append(specification.Tags, types.Tag{Key: aws.String(tag.Key), Value: aws.String(tag.Value)})
	}
	return []types.TagSpecification{specification}
}

// ByIntent finds what a create with this token made.
func ByIntent(token string) []types.Filter {
	return []types.Filter{{Name: aws.String("tag:" + TagIntent), Values: []string{token}}}
}

// Only returns the single element of found, or nil when there is none. Two live
// things of one intent are a fault, and nothing is done to either.
func Only[T any](found []T) (*T, error) {
	switch len(found) {
	case 0:
		return nil, nil
	case 1:
		return &found[0], nil
	default:
		return nil, &fault.Fault{Kind: fault.Precondition, Class: fault.Configuration,
			Message: fmt.Sprintf("%d things carry the same intent", len(found)),
			Remedy:  "Remove all but one by hand; Skep never makes two and will not guess which is the right one."}
	}
}
