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

// The limits of one request of GetResources.
// https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
const (
	taggedPerPage    = 100
	taggedTypes      = 100
	taggedTagFilters = 50
	taggedTagValues  = 20
)

// homeRegion is the region in which global resources are listed.
const homeRegion = "us-east-1"

func handleResources(s *engine.Service) {
	engine.Handle(s, "GetResources", engine.Fields{"PaginationToken", "ResourceTypeFilters", "ResourcesPerPage", "TagFilters"}, getResources)
}

// getResources lists resources by tag. It reads the ledger, because AWS continues to list deleted resources for a
// while.
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

// taggedAs returns the ARN and the type under which a request of this account and region lists a resource, or "".
func taggedAs(c *engine.Call, e *engine.LedgerEntry) (arn, resourceType string) {
	region := e.Region
	if region == engine.Global {
		region = homeRegion
	}
	if e.Account != c.Account || region != c.Region || len(e.Tags) == 0 {
		return "", ""
	}
	return c.ARN(e)
}

// typeWanted reports whether the filters include a resource type such as ec2:vpc. The filter ec2 includes all types of
// EC2; no filter includes everything.
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
