package session

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/aws/batch"
)

// Intents returns the tokens with which the EC2 resources of an owner were created, read from their tags, by the name
// of the resource. They serve to adopt resources that a ledger lost. A name has several tokens if EC2 still shows
// deleted resources of that name, so the caller observes which token belongs to an existing resource.
func (s *Session) Intents(ctx context.Context, owner Owner) (map[string][]string, error) {
	api := ec2.NewFromConfig(s.Config)
	tagged, err := tags(ctx, api, filter("key", TagCluster), filter("value", owner.Cluster))
	if err != nil {
		return nil, err
	}
	intents := make(map[string][]string)
	for ids := range slices.Chunk(tagged, batch.MaxFilterValues) {
		found := make(map[string]map[string]string)
		values := make([]string, len(ids))
		for i, tag := range ids {
			values[i] = aws.ToString(tag.ResourceId)
			found[values[i]] = make(map[string]string)
		}
		all, err := tags(ctx, api, filter("resource-id", values...), filter("key", TagInstallation, TagResource, TagIntent))
		if err != nil {
			return nil, err
		}
		for _, tag := range all {
			found[aws.ToString(tag.ResourceId)][aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
		for _, resource := range found {
			name, own := strings.CutPrefix(resource[TagResource], owner.Component+"/")
			if own && resource[TagInstallation] == owner.Installation {
				intents[name] = append(intents[name], resource[TagIntent])
			}
		}
	}
	return intents, nil
}

func filter(name string, values ...string) types.Filter {
	return types.Filter{Name: aws.String(name), Values: values}
}

func tags(ctx context.Context, api ec2.DescribeTagsAPIClient, filters ...types.Filter) ([]types.TagDescription, error) {
	var all []types.TagDescription
	pages := ec2.NewDescribeTagsPaginator(api, &ec2.DescribeTagsInput{Filters: filters, MaxResults: aws.Int32(1000)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the tags of resources: %w", err)
		}
		all = append(all, page.Tags...)
	}
	return all, nil
}
