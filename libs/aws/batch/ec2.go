package batch

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
)

// MaxFilterValues is the number of values that EC2 takes in the filters of one call.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
const MaxFilterValues = 200

// ec2Operation is a Describe operation of EC2. Reads by id are combined by the filter for that id, because a filter
// returns the existing resources and ignores the other ids. Operations without such a filter use the list of ids;
// when AWS refuses the list, the batch is halved.
type ec2Operation[I, O, T any] struct {
	// id is the filter for ids, or "". label and notFound are the name of the resource type and the error code in the
	// answer of AWS for an id that does not exist.
	id, label, notFound string
	// input points into an input of the SDK, output into an output of it; a field that the operation lacks is nil.
	input  func(*I) ec2Input
	output func(*O) ec2Output[T]
	// split divides one element of the output into elements of one resource each; nil means that they are so already.
	split func(T) []T
	// values returns, for each filter that combines reads, the values of a resource.
	values map[string]func(T) []string
}

type ec2Input struct {
	ids     *[]string
	filters *[]types.Filter
	next    **string
}

type ec2Output[T any] struct {
	items *[]T
	next  **string
}

// query implements operation. It combines reads by ids only, or by filters of which at least one is in f.values.
// Reads are combined by the values of that filter; their other filters must be equal.
func (f ec2Operation[I, O, T]) query(in any) (query, bool) {
	rest := *in.(*I)
	input := f.input(&rest)
	ids, filters := *input.ids, *input.filters
	*input.ids, *input.filters = nil, nil
	if !reflect.ValueOf(rest).IsZero() || len(ids) > 0 == (len(filters) > 0) {
		return query{}, false
	}
	if len(ids) > 0 {
		return query{key: f.id, ids: ids, max: MaxFilterValues}, len(ids) <= MaxFilterValues
	}
	joined, others := f.divide(filters)
	if joined == nil {
		return query{}, false
	}
	text, err := json.Marshal(others)
	if err != nil {
		return query{}, false
	}
	max := MaxFilterValues
	for _, other := range others {
		max -= len(other.Values)
	}
	return query{key: "filter " + aws.ToString(joined.Name) + string(text), ids: joined.Values, max: max}, len(joined.Values) <= max
}

// divide separates the filter that combines reads from the other filters.
func (f ec2Operation[I, O, T]) divide(filters []types.Filter) (joined *types.Filter, others []types.Filter) {
	for _, filter := range filters {
		wild := slices.ContainsFunc(filter.Values, func(value string) bool { return strings.ContainsAny(value, `*?\`) })
		if joined == nil && f.values[aws.ToString(filter.Name)] != nil && !wild {
			joined = &filter
			continue
		}
		others = append(others, filter)
	}
	return joined, others
}

// merge implements operation.
func (f ec2Operation[I, O, T]) merge(one any, ids []string) any {
	joined, others := f.divide(*f.input(one.(*I)).filters)
	name := f.id
	if joined != nil {
		name = aws.ToString(joined.Name)
	}
	all := new(I)
	if name == "" {
		*f.input(all).ids = ids
		return all
	}
	*f.input(all).filters = append(slices.Clone(others), types.Filter{Name: aws.String(name), Values: ids})
	return all
}

// next implements operation.
func (f ec2Operation[I, O, T]) next(in, out any) any {
	token := f.output(out.(*O)).next
	if token == nil || aws.ToString(*token) == "" {
		return nil
	}
	page := *in.(*I)
	*f.input(&page).next = *token
	return &page
}

// answer implements operation.
func (f ec2Operation[I, O, T]) answer(in any, pages []any) (any, error) {
	input := f.input(in.(*I))
	name, requested := f.id, *input.ids
	if joined, _ := f.divide(*input.filters); joined != nil {
		name, requested = aws.ToString(joined.Name), joined.Values
	}
	out := new(O)
	found := make(map[string]bool)
	for _, page := range pages {
		for _, item := range *f.output(page.(*O)).items {
			for _, single := range f.singles(item) {
				values := f.values[name](single)
				if !slices.ContainsFunc(values, func(value string) bool { return slices.Contains(requested, value) }) {
					continue
				}
				for _, value := range values {
					found[value] = true
				}
				*f.output(out).items = append(*f.output(out).items, single)
			}
		}
	}
	for _, id := range *input.ids {
		if !found[id] {
			return nil, &smithy.GenericAPIError{Code: f.notFound, Message: fmt.Sprintf("The %s '%s' does not exist", f.label, id), Fault: smithy.FaultClient}
		}
	}
	return out, nil
}

func (f ec2Operation[I, O, T]) singles(item T) []T {
	if f.split == nil {
		return []T{item}
	}
	return f.split(item)
}

// addDescribe adds an EC2 operation. Its reads are combined by id, by the tag with the token of the create, and by
// the filters in by.
func addDescribe[I, O, T any](operations map[string]operation, tokenTag, operation string, f ec2Operation[I, O, T],
	item func(T) (id *string, tags []types.Tag), by map[string]func(T) []string,
) {
	f.values = map[string]func(T) []string{
		f.id: func(t T) []string { id, _ := item(t); return []string{aws.ToString(id)} },
		"tag:" + tokenTag: func(t T) (tokens []string) {
			_, tags := item(t)
			for _, tag := range tags {
				if aws.ToString(tag.Key) == tokenTag {
					tokens = append(tokens, aws.ToString(tag.Value))
				}
			}
			return tokens
		},
	}
	maps.Copy(f.values, by)
	operations["EC2 "+operation] = f
}
