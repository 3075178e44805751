package session

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/platform/fault"
)

// EC2Tags returns the tags of one resource in the form that the create calls of EC2 take.
func (o Owner) EC2Tags(resourceType types.ResourceType, name, token string, extra ...Tag) []types.TagSpecification {
	specification := types.TagSpecification{ResourceType: resourceType}
	for _, tag := range o.Tags(name, token, extra...) {
		specification.Tags = append(specification.Tags, types.Tag{Key: aws.String(tag.Key), Value: aws.String(tag.Value)})
	}
	return []types.TagSpecification{specification}
}

// ByIntent returns the filter for the resource that the create with this token created.
func ByIntent(token string) []types.Filter {
	return []types.Filter{{Name: aws.String("tag:" + TagIntent), Values: []string{token}}}
}

// Only returns the only element of found, or nil when found is empty. Two live resources of one intent are a fault;
// Skep changes neither of them.
func Only[T any](found []T) (*T, error) {
	switch len(found) {
	case 0:
		return nil, nil
	case 1:
		return &found[0], nil
	default:
		return nil, &fault.Fault{Kind: fault.Precondition, Class: fault.Configuration,
			Message: fmt.Sprintf("%d resources have the same intent", len(found)),
			Remedy:  "Delete all but one of them in AWS; Skep cannot tell which one is in use."}
	}
}
