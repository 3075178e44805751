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

// Intents are the tokens with which the things of an owner in EC2 were made, as
// their tags say, by the name of the thing. They are for a ledger that may have
// forgotten some: a name has several if some of its things are no more, which EC2
// shows for a while. Which of them exists, EC2 is to be asked by their tokens.
func (s *Session) Intents(ctx context.Context, owner Owner) (map[string][]string, error) {
	api := ec2.NewFromConfig(s.Config)
	tagged, err := tags(ctx, api, filter("key", TagCluster), filter("value", owner.Cluster))
	if err != nil {
		return nil, err
	}
	intents := make(map[string][]string)
	for ids := range slices.Chunk(tagged, batch.FilterValues) {
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
		for _, thing := range found {
			name, ours := strings.CutPrefix(thing[TagResource], owner.Component+"/")
			if ours && thing[TagInstallation] == owner.Installation {
				intents[name] = append(intents[name], thing[TagIntent])
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
			return nil, fmt.Errorf("look up what was made: %w", err)
		}
		all = append(all, page.Tags...)
	}
	return all, nil
}
