package tagging

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// The most that one request of GetResources may ask for.
// https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
const (
	taggedPerPage    = 100
	taggedTypes      = 100
	taggedTagFilters = 50
	taggedTagValues  = 20
)

// homeRegion is the region in which global services are asked for.
const homeRegion = "us-east-1"

func handleResources(s *engine.Service) {
	engine.Handle(s, "GetResources", engine.Fields{"PaginationToken", "ResourceTypeFilters", "ResourcesPerPage", "TagFilters"}, getResources)
}

// getResources lists what has, or until lately had, the tags that are asked for. It reads the ledger, since AWS goes on
// listing what is no more.
func getResources(c *engine.Call, in *tagging.GetResourcesInput) (*tagging.GetResourcesOutput, error) {
	size := cmp.Or(aws.ToInt32(in.ResourcesPerPage), taggedPerPage)
	if size < 1 || size > taggedPerPage {
		return nil, engine.Refuse("InvalidParameterException", "ResourcesPerPage %d is not between 1 and %d", size, taggedPerPage)
	}
	if len(in.ResourceTypeFilters) > taggedTypes || len(in.TagFilters) > taggedTagFilters ||
		slices.ContainsFunc(in.TagFilters, func(f types.TagFilter) bool { return len(f.Values) > taggedTagValues }) {
		return nil, engine.Refuse("InvalidParameterException", "Too many filters")
	}
	begin := 0
	if token := aws.ToString(in.PaginationToken); token != "" {
		var err error
		if begin, err = strconv.Atoi(token); err != nil {
			begin = -1
		}
	}
	entries, ok := c.Entries(begin)
	if !ok {
		return nil, engine.Refuse("PaginationTokenExpiredException", "The pagination token %q is not valid any more", aws.ToString(in.PaginationToken))
	}
	out := &tagging.GetResourcesOutput{}
	for i, e := range entries {
		arn, resourceType := taggedAs(c, e)
		if arn == "" || !c.Listed(e) || !typeWanted(in.ResourceTypeFilters, resourceType) || !tagsWanted(in.TagFilters, e.Tags) {
			continue
		}
		if len(out.ResourceTagMappingList) == int(size) {
			out.PaginationToken = aws.String(strconv.Itoa(begin + i))
			return out, nil
		}
		shown := types.ResourceTagMapping{ResourceARN: aws.String(arn)}
		for _, key := range slices.Sorted(maps.Keys(e.Tags)) {
			shown.Tags = append(shown.Tags, types.Tag{Key: aws.String(key), Value: aws.String(e.Tags[key])})
		}
		out.ResourceTagMappingList = append(out.ResourceTagMappingList, shown)
	}
	return out, nil
}

// taggedAs is the ARN and the type under which GetResources lists a resource for the account and region of a call, or "".
// Global resources are listed in the home region.
func taggedAs(c *engine.Call, e *engine.Entry) (arn, resourceType string) {
	region := e.Region
	if region == engine.Global {
		region = homeRegion
	}
	if e.Account != c.Account || region != c.Region || len(e.Tags) == 0 {
		return "", ""
	}
	return c.ARN(e)
}

// typeWanted says whether a type such as ec2:vpc is among those asked for: ec2 stands for all of ec2, nothing for everything.
func typeWanted(wanted []string, resourceType string) bool {
	service, _, _ := strings.Cut(resourceType, ":")
	return len(wanted) == 0 || slices.Contains(wanted, resourceType) || slices.Contains(wanted, service)
}

func tagsWanted(wanted []types.TagFilter, tags map[string]string) bool {
	return !slices.ContainsFunc(wanted, func(f types.TagFilter) bool {
		value, ok := tags[aws.ToString(f.Key)]
		return !ok || len(f.Values) > 0 && !slices.Contains(f.Values, value)
	})
}
