package aws

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
)

// groupsTagging is the service id of the API that knows the tags of all services.
const groupsTagging = "Resource Groups Tagging API"

// The most that one request of GetResources may ask for.
// https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
const (
	taggedPerPage    = 100
	taggedTypes      = 100
	taggedTagFilters = 50
	taggedTagValues  = 20
)

// home is the region in which global services are asked for.
const home = "us-east-1"

func init() {
	handle(groupsTagging, "GetResources", fields{"PaginationToken", "ResourceTypeFilters", "ResourcesPerPage", "TagFilters"}, getResources)
}

// getResources lists what has, or until lately had, the tags that are asked for. It reads the ledger, since AWS goes on
// listing what is no more.
func getResources(c *call, in *tagging.GetResourcesInput) (*tagging.GetResourcesOutput, error) {
	size := cmp.Or(aws.ToInt32(in.ResourcesPerPage), taggedPerPage)
	if size < 1 || size > taggedPerPage {
		return nil, refuse("InvalidParameterException", "ResourcesPerPage %d is not between 1 and %d", size, taggedPerPage)
	}
	if len(in.ResourceTypeFilters) > taggedTypes || len(in.TagFilters) > taggedTagFilters ||
		slices.ContainsFunc(in.TagFilters, func(f types.TagFilter) bool { return len(f.Values) > taggedTagValues }) {
		return nil, refuse("InvalidParameterException", "Too many filters")
	}
	begin := 0
	if token := aws.ToString(in.PaginationToken); token != "" {
		var err error
		if begin, err = strconv.Atoi(token); err != nil || begin < 0 || begin > len(c.w.ledger.entries) {
			return nil, refuse("PaginationTokenExpiredException", "The pagination token %q is not valid any more", token)
		}
	}
	out := &tagging.GetResourcesOutput{}
	for i, e := range c.w.ledger.entries[begin:] {
		arn, resourceType := c.taggedAs(e)
		if arn == "" || !c.listed(e) || !typeWanted(in.ResourceTypeFilters, resourceType) || !tagsWanted(in.TagFilters, e.Tags) {
			continue
		}
		if len(out.ResourceTagMappingList) == int(size) {
			out.PaginationToken = aws.String(strconv.Itoa(begin + i))
			return out, nil
		}
		shown := types.ResourceTagMapping{ResourceARN: aws.String(arn)}
		for _, key := range sortedKeys(e.Tags) {
			shown.Tags = append(shown.Tags, types.Tag{Key: aws.String(key), Value: aws.String(e.Tags[key])})
		}
		out.ResourceTagMappingList = append(out.ResourceTagMappingList, shown)
	}
	return out, nil
}

// taggedAs is the ARN and the type under which GetResources lists a thing of the account and region of a call, or "".
// AWS says that it lists neither Auto Scaling groups nor IAM roles. Of instance profiles it says nothing; they are not
// listed here. Hosted zones are of the home region.
// https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
func (c *call) taggedAs(e *Entry) (arn, resourceType string) {
	switch {
	case e.Account != c.Account, len(e.Tags) == 0:
		return "", ""
	case e.Kind == hostedZones.name && c.Region == home:
		return "arn:aws:route53:::hostedzone/" + e.ID, "route53:hostedzone"
	case e.Region != c.Region:
		return "", ""
	case kinds[e.Kind].tagType() != "":
		resourceType = kinds[e.Kind].tagType()
		return strings.Join([]string{"arn:aws:ec2", c.Region, c.Account, resourceType + "/" + e.ID}, ":"), "ec2:" + resourceType
	case strings.HasPrefix(e.ID, c.elbARN("")):
		resourceType, _, _ = strings.Cut(strings.TrimPrefix(e.ID, c.elbARN("")), "/")
		return e.ID, "elasticloadbalancing:" + resourceType
	}
	return "", ""
}

// listed says whether a thing is listed now: it may come late, and stay for a while.
func (c *call) listed(e *Entry) bool {
	since := e.CreatedAt.Add(c.w.span(c.w.options.TagLag))
	until := e.DeletedAt.Add(c.w.span(c.w.options.TagGhosts))
	return !c.now().Before(since) && (e.DeletedAt.IsZero() || c.now().Before(until))
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
