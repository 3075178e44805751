package batch

import (
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// listOperation is a read by a list of ids or names. AWS refuses the whole list when one of them does not exist; the
// batch then repeats the call for each half of its callers.
type listOperation[I, O, T any] struct {
	// max is the number of ids that one call takes.
	max   int
	lists []list[I, T]
	// shape sets further fields of a combined input; nil sets none.
	shape func(*I)
	// marker points to the page marker of an input; nil if an answer has one page.
	marker func(*I) **string
	output func(*O) listOutput[T]
}

// list is one of the lists that a read takes.
type list[I, T any] struct {
	name string
	ids  func(*I) *[]string
	id   func(T) *string // the id or name of an item in this list
}

type listOutput[T any] struct {
	items *[]T
	next  *string
}

// listOf returns the list in an input that has no other field set, and its ids; otherwise nil.
func (f listOperation[I, O, T]) listOf(in any) (*list[I, T], []string) {
	for _, l := range f.lists {
		rest := *in.(*I)
		ids := *l.ids(&rest)
		*l.ids(&rest) = nil
		if len(ids) > 0 && reflect.ValueOf(rest).IsZero() {
			return &l, ids
		}
	}
	return nil, nil
}

// query implements operation.
func (f listOperation[I, O, T]) query(in any) (query, bool) {
	l, ids := f.listOf(in)
	if l == nil || len(ids) > f.max {
		return query{}, false
	}
	return query{key: l.name, ids: ids, max: f.max}, true
}

// merge implements operation.
func (f listOperation[I, O, T]) merge(one any, ids []string) any {
	l, _ := f.listOf(one)
	all := new(I)
	*l.ids(all) = ids
	if f.shape != nil {
		f.shape(all)
	}
	return all
}

// next implements operation.
func (f listOperation[I, O, T]) next(in, out any) any {
	token := f.output(out.(*O)).next
	if aws.ToString(token) == "" {
		return nil
	}
	page := *in.(*I)
	*f.marker(&page) = token
	return &page
}

// answer implements operation. Every requested id exists: AWS refuses a call that names another one.
func (f listOperation[I, O, T]) answer(in any, pages []any) (any, error) {
	l, requested := f.listOf(in)
	out := new(O)
	for _, page := range pages {
		for _, item := range *f.output(page.(*O)).items {
			if slices.Contains(requested, aws.ToString(l.id(item))) {
				items := f.output(out).items
				*items = append(*items, item)
			}
		}
	}
	return out, nil
}
