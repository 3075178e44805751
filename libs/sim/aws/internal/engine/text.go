package engine

import (
	"fmt"
	"slices"
	"strings"
)

// String lists all resources as sorted lines "account region Type name: summary", without ids and times; "" if there
// are none. Equal set-ups give equal texts.
func (e *Engine) String() string {
	e.lock()
	defer e.mu.Unlock()
	return strings.Join(e.lines(func(Scope) bool { return true }), "")
}

// Empty reports whether an account has no resources.
func (e *Engine) Empty(account string) bool {
	e.lock()
	defer e.mu.Unlock()
	return len(e.lines(func(at Scope) bool { return at.Account == account })) == 0
}

func (e *Engine) lines(wanted func(Scope) bool) []string {
	var lines []string
	for key := range e.tables {
		t := e.catalog.types[key.resourceType]
		if !wanted(key.Scope) || t.Info().Hidden {
			continue
		}
		t.each(e, key.Scope, func(m *Metadata, name string, data Attributes) {
			if m.Deleted(e.now()) {
				return
			}
			text := data.Summary(func(id string) string { return e.nameIn(key.Scope, id) })
			if state := m.State(e.now()); state != "available" {
				text = strings.TrimSpace(text + " " + state)
			}
			lines = append(lines, fmt.Sprintf("%s %s %s %s: %s\n", key.Account, key.Region, key.resourceType, name, text))
		})
	}
	slices.Sort(lines)
	return lines
}

// The texts in place of a name: for an empty id, and for an id that no resource has.
const (
	NameOfNone = "-"
	NameOfGone = "(gone)"
)

// nameIn returns the name of the resource with the id, in the scope or among the global resources of the account.
func (e *Engine) nameIn(at Scope, id string) string {
	if id == "" {
		return NameOfNone
	}
	for _, t := range e.catalog.sortedTypes() {
		for _, at := range []Scope{at, {at.Account, Global}} {
			if name, ok := t.nameOf(e, at, id); ok {
				return name
			}
		}
	}
	return NameOfGone
}
