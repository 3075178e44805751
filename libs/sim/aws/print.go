package aws

import (
	"fmt"
	"slices"
	"strings"
)

// String shows the world as sorted lines "account region Kind name: what it is", without ids or times, and "" when there
// is nothing. Worlds that were built alike read alike.
func (w *World) String() string {
	w.enter()
	defer w.mu.Unlock()
	return strings.Join(w.lines(func(scope) bool { return true }), "")
}

// Empty says whether an account holds nothing.
func (w *World) Empty(account string) bool {
	w.enter()
	defer w.mu.Unlock()
	return len(w.lines(func(s scope) bool { return s.Account == account })) == 0
}

func (w *World) lines(wanted func(scope) bool) []string {
	var lines []string
	for at := range w.tables {
		k := kinds[at.kind]
		if !wanted(at.scope) || k.secret() {
			continue
		}
		k.each(w, at.scope, func(m *meta, t thing) {
			if m.deleted(w.now()) {
				return
			}
			text := t.text(func(id string) string { return w.nameIn(at.scope, id) })
			if state := m.state(w.now()); state != "available" {
				text = strings.TrimSpace(text + " " + state)
			}
			lines = append(lines, fmt.Sprintf("%s %s %s %s: %s\n", at.Account, at.Region, at.kind, nameOf(m, t), text))
		})
	}
	slices.Sort(lines)
	return lines
}

// What name says of no id, and of an id that nothing has any more.
const (
	nobody   = "-"
	vanished = "(gone)"
)

// nameIn is the name of whatever has the id, there or among what the account holds globally.
func (w *World) nameIn(s scope, id string) string {
	if id == "" {
		return nobody
	}
	for _, k := range sortedKinds() {
		for _, s := range []scope{s, {s.Account, global}} {
			if m, name := k.find(w, s, id); m != nil {
				return name
			}
		}
	}
	return vanished
}
