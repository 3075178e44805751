package batch

import (
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// listForm is a read that takes a list of ids, or a list of names, and answers with
// what they belong to. If it refuses because one of them does not exist, the
// batch is asked for in halves.
type listForm[I, O, T any] struct {
	// most is how many ids one call takes.
	most  int
	lists []list[I, T]
	// shape sets in an input for many what else it needs; nil if nothing.
	shape func(*I)
	// marker is where the marker of a page goes; nil if answers have one page.
	marker func(*I) **string
	told   func(*O) listTold[T]
}

// list is one of the lists that a read takes.
type list[I, T any] struct {
	name  string
	asked func(*I) *[]string
	of    func(T) *string // what a thing answers to
}

type listTold[T any] struct {
	things *[]T
	next   *string
}

// asked is the one list that an input holds and nothing else, or nil.
func (f listForm[I, O, T]) asked(in any) (*list[I, T], []string) {
	for _, l := range f.lists {
		rest := *in.(*I)
		ids := *l.asked(&rest)
		*l.asked(&rest) = nil
		if len(ids) > 0 && reflect.ValueOf(rest).IsZero() {
			return &l, ids
		}
	}
	return nil, nil
}

// question implements form.
func (f listForm[I, O, T]) question(in any) (question, bool) {
	l, ids := f.asked(in)
	if l == nil || len(ids) > f.most {
		return question{}, false
	}
	return question{line: l.name, ids: ids, most: f.most}, true
}

// together implements form.
func (f listForm[I, O, T]) together(one any, ids []string) any {
	l, _ := f.asked(one)
	all := new(I)
	*l.asked(all) = ids
	if f.shape != nil {
		f.shape(all)
	}
	return all
}

// next implements form.
func (f listForm[I, O, T]) next(in, out any) any {
	token := f.told(out.(*O)).next
	if aws.ToString(token) == "" {
		return nil
	}
	page := *in.(*I)
	*f.marker(&page) = token
	return &page
}

// part implements form. What does not exist is left out, or AWS would have refused.
func (f listForm[I, O, T]) part(in any, pages []any) (any, error) {
	l, wanted := f.asked(in)
	out := new(O)
	for _, page := range pages {
		for _, thing := range *f.told(page.(*O)).things {
			if slices.Contains(wanted, aws.ToString(l.of(thing))) {
				things := f.told(out).things
				*things = append(*things, thing)
			}
		}
	}
	return out, nil
}
