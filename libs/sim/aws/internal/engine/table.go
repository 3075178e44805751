package engine

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"
)

// table holds the resources of one type in one scope.
type table[T Attributes] struct {
	byID    map[string]*Resource[T]
	ordered []*Resource[T] // in order of creation
	byOwner map[string][]*Resource[T]
	ownerOf map[string]string // owner by id, as of the last put
}

// table returns the table of a scope, and makes it if necessary.
func (t *ResourceType[T]) table(e *Engine, at Scope) *table[T] {
	key := tableKey{t.Name, at}
	found, ok := e.tables[key].(*table[T])
	if !ok {
		found = &table[T]{byID: map[string]*Resource[T]{}, byOwner: map[string][]*Resource[T]{}, ownerOf: map[string]string{}}
		e.tables[key] = found
	}
	return found
}

func (t *table[T]) put(r *Resource[T]) {
	if old, ok := t.byID[r.ID]; ok {
		t.drop(old)
	}
	t.byID[r.ID], t.ownerOf[r.ID] = r, r.Data.Owner()
	t.ordered = insert(t.ordered, r)
	t.byOwner[r.Data.Owner()] = insert(t.byOwner[r.Data.Owner()], r)
}

// drop uses the owner of the last put, because the attributes may have changed since.
func (t *table[T]) drop(r *Resource[T]) {
	owner := t.ownerOf[r.ID]
	delete(t.byID, r.ID)
	delete(t.ownerOf, r.ID)
	t.ordered = remove(t.ordered, r)
	if t.byOwner[owner] = remove(t.byOwner[owner], r); len(t.byOwner[owner]) == 0 {
		delete(t.byOwner, owner)
	}
}

// encoded returns every resource that is not gone, as the journal keeps it.
func (t *table[T]) encoded(now time.Time) []json.RawMessage {
	var resources []json.RawMessage
	for _, r := range t.ordered {
		if !r.Gone(now) {
			resources = append(resources, encode(r))
		}
	}
	return resources
}

func bySeq[T Attributes](r *Resource[T], seq uint64) int { return cmp.Compare(r.Seq, seq) }

func insert[T Attributes](resources []*Resource[T], r *Resource[T]) []*Resource[T] {
	i, _ := slices.BinarySearchFunc(resources, r.Seq, bySeq[T])
	return slices.Insert(resources, i, r)
}

func remove[T Attributes](resources []*Resource[T], r *Resource[T]) []*Resource[T] {
	if i, ok := slices.BinarySearchFunc(resources, r.Seq, bySeq[T]); ok {
		return slices.Delete(resources, i, i+1)
	}
	return resources
}
