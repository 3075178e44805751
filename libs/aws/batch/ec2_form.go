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

// FilterValues is how many values EC2 takes in the filters of one call.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
const FilterValues = 200

// ec2Form is a Describe operation of EC2. Whoever asks by id is asked for by the
// filter of that id, which finds what exists and does not refuse the rest. Without
// such a filter it is the list of ids, and a batch that is refused is halved.
type ec2Form[I, O, T any] struct {
	// id is the filter that stands for ids, or "". Noun and missing are how AWS
	// calls one of them and the code of its refusal.
	id, noun, missing string
	// asked points into an input, told into an answer. What the operation does not
	// have points at nothing.
	asked func(*I) ec2Asked
	told  func(*O) ec2Told[T]
	// split divides what an answer lists into single things; nil if they are.
	split func(T) []T
	// of are the values that a thing has under the filters that reads are joined by.
	of map[string]func(T) []string
}

type ec2Asked struct {
	ids     *[]string
	filters *[]types.Filter
	next    **string
}

type ec2Told[T any] struct {
	things *[]T
	next   **string
}

// question implements form: a read may ask by id and nothing else, or by filters of
// which at least one is known. That one is joined, the others have to be the same.
func (f ec2Form[I, O, T]) question(in any) (question, bool) {
	rest := *in.(*I)
	asked := f.asked(&rest)
	ids, filters := *asked.ids, *asked.filters
	*asked.ids, *asked.filters = nil, nil
	if !reflect.ValueOf(rest).IsZero() || len(ids) > 0 == (len(filters) > 0) {
		return question{}, false
	}
	if len(ids) > 0 {
		return question{line: f.id, ids: ids, most: FilterValues}, len(ids) <= FilterValues
	}
	joined, others := f.divide(filters)
	if joined == nil {
		return question{}, false
	}
	text, err := json.Marshal(others)
	if err != nil {
		return question{}, false
	}
	most := FilterValues
	for _, other := range others {
		most -= len(other.Values)
	}
	return question{line: "filter " + aws.ToString(joined.Name) + string(text), ids: joined.Values, most: most}, len(joined.Values) <= most
}

// divide tells the filter by which reads are joined from the others.
func (f ec2Form[I, O, T]) divide(filters []types.Filter) (joined *types.Filter, others []types.Filter) {
	for _, filter := range filters {
		wild := slices.ContainsFunc(filter.Values, func(value string) bool { return strings.ContainsAny(value, `*?\`) })
		if joined == nil && f.of[aws.ToString(filter.Name)] != nil && !wild {
			joined = &filter
			continue
		}
		others = append(others, filter)
	}
	return joined, others
}

// together implements form.
func (f ec2Form[I, O, T]) together(one any, ids []string) any {
	joined, others := f.divide(*f.asked(one.(*I)).filters)
	name := f.id
	if joined != nil {
		name = aws.ToString(joined.Name)
	}
	all := new(I)
	if name == "" {
		*f.asked(all).ids = ids
		return all
	}
	*f.asked(all).filters = append(slices.Clone(others), types.Filter{Name: aws.String(name), Values: ids})
	return all
}

// next implements form.
func (f ec2Form[I, O, T]) next(in, out any) any {
	token := f.told(out.(*O)).next
	if token == nil || aws.ToString(*token) == "" {
		return nil
	}
	page := *in.(*I)
	*f.asked(&page).next = *token
	return &page
}

// part implements form.
func (f ec2Form[I, O, T]) part(in any, pages []any) (any, error) {
	asked := f.asked(in.(*I))
	name, wanted := f.id, *asked.ids
	if joined, _ := f.divide(*asked.filters); joined != nil {
		name, wanted = aws.ToString(joined.Name), joined.Values
	}
	out := new(O)
	there := make(map[string]bool)
	for _, page := range pages {
		for _, thing := range *f.told(page.(*O)).things {
			for _, single := range f.singles(thing) {
				values := f.of[name](single)
				if !slices.ContainsFunc(values, func(value string) bool { return slices.Contains(wanted, value) }) {
					continue
				}
				for _, value := range values {
					there[value] = true
				}
				*f.told(out).things = append(*f.told(out).things, single)
			}
		}
	}
	for _, id := range *asked.ids {
		if !there[id] {
			return nil, &smithy.GenericAPIError{Code: f.missing, Message: fmt.Sprintf("The %s '%s' does not exist", f.noun, id), Fault: smithy.FaultClient}
		}
	}
	return out, nil
}

func (f ec2Form[I, O, T]) singles(thing T) []T {
	if f.split == nil {
		return []T{thing}
	}
	return f.split(thing)
}

// describes makes reads of one operation of EC2 ask together. Every kind is asked
// for by its id and by the intent that made it; by says what else.
func describes[I, O, T any](forms map[string]form, tokenTag, operation string, f ec2Form[I, O, T],
	thing func(T) (id *string, tags []types.Tag), by map[string]func(T) []string,
) {
	f.of = map[string]func(T) []string{
		f.id: func(t T) []string { id, _ := thing(t); return []string{aws.ToString(id)} },
		"tag:" + tokenTag: func(t T) (values []string) {
			_, tags := thing(t)
			for _, tag := range tags {
				if aws.ToString(tag.Key) == tokenTag {
					values = append(values, aws.ToString(tag.Value))
				}
			}
			return values
		},
	}
	maps.Copy(f.of, by)
	forms["EC2 "+operation] = f
}
