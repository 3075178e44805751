package ec2api

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/skep-dev/skep/libs/sim/aws/internal/engine"
)

// Filters are the filters of one Describe operation of EC2: by filter name, a function that returns the values of a
// resource that the filter compares. The filters tag:<key> and tag-key work for every type that EC2 can tag and are not
// listed.
type Filters[T engine.Attributes] map[string]func(c *engine.Call, r *engine.Resource[T]) []string

// Query holds the input that all Describe operations of EC2 have in common.
type Query struct {
	IDs     []string
	Filters []types.Filter
	Max     *int32
	Next    *string
}

// Describe returns one page of the resources that a query selects, in the form that show gives them, and the token of
// the next page. It returns the error of AWS for an id that does not exist, and panics on a filter that is not in
// known.
func Describe[T engine.Attributes, S any](c *engine.Call, t *engine.ResourceType[T], known Filters[T], q Query, show func(*engine.Call, *engine.Resource[T]) S) ([]S, *string, error) {
	resources, err := Candidates(c, t, q)
	if err != nil {
		return nil, nil, err
	}
	return Select(c, t, known, resources, q, show)
}

// Select is Describe for resources that the caller has found already.
func Select[T engine.Attributes, S any](
	c *engine.Call, t *engine.ResourceType[T], known Filters[T], resources []*engine.Resource[T], q Query, show func(*engine.Call, *engine.Resource[T]) S,
) ([]S, *string, error) {
	for _, filter := range q.Filters {
		if len(filter.Values) == 0 {
			return nil, nil, engine.Refuse("InvalidParameterValue", "The filter '%s' has no values", aws.ToString(filter.Name))
		}
		if err := c.CheckQuota("FilterValuesPerRequest", len(filter.Values)-1, "FilterLimitExceeded", "Too many filter values"); err != nil {
			return nil, nil, err
		}
		values := valuesOf(c, t, known, aws.ToString(filter.Name))
		wanted := engine.Matcher(filter.Values)
		resources = slices.DeleteFunc(resources, func(r *engine.Resource[T]) bool { return !slices.ContainsFunc(values(r), wanted) })
	}
	resources, next, err := page(resources, q)
	if err != nil {
		return nil, nil, err
	}
	shown := make([]S, 0, len(resources))
	for _, r := range resources {
		shown = append(shown, show(c, r))
	}
	return shown, next, nil
}

// Candidates returns the resources of a query before the filters: those with the ids, or all.
func Candidates[T engine.Attributes](c *engine.Call, t *engine.ResourceType[T], q Query) ([]*engine.Resource[T], error) {
	if len(q.IDs) == 0 {
		return t.List(c), nil
	}
	if q.Max != nil {
		return nil, engine.Refuse("InvalidParameterCombination", "The parameter MaxResults cannot be used with ids")
	}
	var resources []*engine.Resource[T]
	for _, id := range q.IDs {
		r, err := t.Get(c, &id)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(resources, r) {
			resources = append(resources, r)
		}
	}
	return resources, nil
}

// valuesOf returns the function for a filter name. Tags may lag behind the resource itself.
func valuesOf[T engine.Attributes](c *engine.Call, t *engine.ResourceType[T], known Filters[T], name string) func(*engine.Resource[T]) []string {
	if key, ok := strings.CutPrefix(name, "tag:"); ok && t.TagType != "" {
		return func(r *engine.Resource[T]) []string {
			if value, ok := c.VisibleTags(&r.Metadata)[key]; ok && c.TagsVisible(&r.Metadata) {
				return []string{value}
			}
			return nil
		}
	}
	if name == "tag-key" && t.TagType != "" {
		return func(r *engine.Resource[T]) (keys []string) {
			if c.TagsVisible(&r.Metadata) {
				for key := range c.VisibleTags(&r.Metadata) {
					keys = append(keys, key)
				}
			}
			return keys
		}
	}
	values, ok := known[name]
	if !ok {
		panic(fmt.Sprintf("awssim: %s: filter %s is not simulated", c.Operation, name))
	}
	return func(r *engine.Resource[T]) []string { return values(c, r) }
}

// page returns one page of resources. The token is the sequence number of the last resource of the page before, so that
// pages stay consistent when resources are created and deleted between them.
func page[T engine.Attributes](resources []*engine.Resource[T], q Query) ([]*engine.Resource[T], *string, error) {
	if q.Next != nil {
		text, err := base64.URLEncoding.DecodeString(*q.Next)
		after, bad := strconv.ParseUint(string(text), 10, 64)
		if err != nil || bad != nil {
			return nil, nil, engine.Refuse("InvalidNextToken", "The token '%s' is invalid", *q.Next)
		}
		resources = slices.DeleteFunc(resources, func(r *engine.Resource[T]) bool { return r.Seq <= after })
	}
	if q.Max == nil {
		return resources, nil, nil
	}
	if *q.Max < 5 || *q.Max > 1000 {
		return nil, nil, engine.Refuse("InvalidParameterValue", "Value (%d) for parameter maxResults is invalid. Expecting a value between 5 and 1000.", *q.Max)
	}
	if len(resources) <= int(*q.Max) {
		return resources, nil, nil
	}
	resources = resources[:*q.Max]
	next := base64.URLEncoding.EncodeToString([]byte(strconv.FormatUint(resources[len(resources)-1].Seq, 10)))
	return resources, &next, nil
}

// ByText makes a filter on one text attribute.
func ByText[T engine.Attributes](value func(T) string) func(*engine.Call, *engine.Resource[T]) []string {
	return func(_ *engine.Call, r *engine.Resource[T]) []string { return []string{value(r.Data)} }
}

// ByID is a filter on the id.
func ByID[T engine.Attributes](_ *engine.Call, r *engine.Resource[T]) []string { return []string{r.ID} }

// ByState is a filter on the state.
func ByState[T engine.Attributes](c *engine.Call, r *engine.Resource[T]) []string {
	return []string{r.State(c.Now())}
}

// ByAccount is a filter on the account that owns the resource.
func ByAccount[T engine.Attributes](c *engine.Call, _ *engine.Resource[T]) []string {
	return []string{c.Account}
}

// ByBool makes a filter on one boolean attribute.
func ByBool[T engine.Attributes](value func(T) bool) func(*engine.Call, *engine.Resource[T]) []string {
	return ByText(func(t T) string { return strconv.FormatBool(value(t)) })
}
