package engine

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// AnyType is a ResourceType of any attributes, for code that serves all types: tags, journal, ledger, text.
type AnyType interface {
	// Info returns the description of the type.
	Info() Type

	// Metadata returns the metadata of the resource with the id, or nil if there is none or it is gone.
	Metadata(c *Call, id string) *Metadata

	// Save stores the current values of the resource with the id, after a change of its metadata.
	Save(c *Call, id string)

	// Each visits the metadata of all resources that are not gone, in order of creation.
	Each(c *Call, visit func(*Metadata))

	nameOf(e *Engine, at Scope, id string) (string, bool)
	each(e *Engine, at Scope, visit func(m *Metadata, name string, data Attributes))
	replay(e *Engine, at Scope, ch change) error
}

// Metadata implements AnyType.
func (t *ResourceType[T]) Metadata(c *Call, id string) *Metadata {
	r, ok := t.Find(c, id)
	if !ok || r.Gone(c.Now()) {
		return nil
	}
	return &r.Metadata
}

// Save implements AnyType.
func (t *ResourceType[T]) Save(c *Call, id string) {
	r, _ := t.Find(c, id)
	t.Put(c, r)
}

// Each implements AnyType.
func (t *ResourceType[T]) Each(c *Call, visit func(*Metadata)) {
	t.each(c.engine, t.scope(c), func(m *Metadata, _ string, _ Attributes) { visit(m) })
}

func (t *ResourceType[T]) nameOf(e *Engine, at Scope, id string) (string, bool) {
	r, ok := t.table(e, at).byID[id]
	if !ok || r.Gone(e.now()) {
		return "", false
	}
	return r.Name(), true
}

func (t *ResourceType[T]) each(e *Engine, at Scope, visit func(*Metadata, string, Attributes)) {
	for _, r := range t.table(e, at).ordered {
		if !r.Gone(e.now()) {
			visit(&r.Metadata, r.Name(), r.Data)
		}
	}
}

// replay applies a change from the journal.
func (t *ResourceType[T]) replay(e *Engine, at Scope, ch change) error {
	table := t.table(e, at)
	if ch.Put == nil {
		if r, ok := table.byID[ch.Delete]; ok {
			table.drop(r)
			r.DeletedAt = ch.At
			t.note(e, at, r)
		}
		return nil
	}
	r := new(Resource[T])
	if err := json.Unmarshal(ch.Put, r); err != nil {
		return fmt.Errorf("decode %s: %w", t.Name, err)
	}
	table.put(r)
	e.seq = max(e.seq, r.Seq)
	t.note(e, at, r)
	return nil
}

// Types returns all resource types, sorted by name.
func (c *Call) Types() []AnyType { return c.engine.catalog.sortedTypes() }

func (k *Catalog) sortedTypes() []AnyType {
	all := make([]AnyType, 0, len(k.types))
	for _, name := range slices.Sorted(maps.Keys(k.types)) {
		all = append(all, k.types[name])
	}
	return all
}

// Scopes returns the scopes that have a table of the type, sorted.
func (c *Call) Scopes(t AnyType) []Scope { return c.engine.scopesOf(t.Info().Name) }

func (e *Engine) scopesOf(name string) []Scope {
	var scopes []Scope
	for key := range e.tables {
		if key.resourceType == name {
			scopes = append(scopes, key.Scope)
		}
	}
	slices.SortFunc(scopes, Scope.compare)
	return scopes
}
