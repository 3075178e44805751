package progress

import (
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"
)

// detail is the level of detail of the tree. A finished component is always one line.
type detail int

const (
	// whole shows all resources of unfinished components.
	whole detail = iota
	// active shows the resources with a running operation.
	active
	// troubled shows the failed resources.
	troubled
	// folded shows no resources.
	folded
	// pressed shows no resources and no finished components.
	pressed
)

// render draws the tree with as much detail as fits the window.
func (t *tree) render(now time.Time) string {
	if t.board.cluster == nil {
		return "waiting for the server …"
	}
	if t.board.deleted || t.board.finished() {
		now = t.board.seen
	}
	head := t.header(now)
	room := max(t.height-len(head)-1, 1)
	if t.height == 0 {
		room = 1 << 10
	}
	var body []string
	for _, d := range []detail{whole, active, troubled, folded, pressed} {
		if body = t.body(d, now); len(body) <= room {
			break
		}
	}
	if len(body) > room {
		body = body[:room]
	}
	lines := append(head, body...)
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
		if t.width > 0 {
			lines[i] = ansi.Truncate(lines[i], t.width, "…")
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// body draws the components.
func (t *tree) body(d detail, now time.Time) []string {
	columns := t.columns()
	var lines []string
	for _, p := range t.board.components {
		if d != pressed || !p.finished() {
			lines = append(lines, t.component(columns, p, now))
		}
		for _, i := range p.items {
			if !p.finished() && d.shows(i) {
				lines = append(lines, t.item(columns, p, i, now)...)
			}
		}
	}
	return lines
}

func (d detail) shows(i *item) bool {
	switch d {
	case whole:
		return true
	case active:
		return i.active()
	case troubled:
		return i.GetState() == typev1.InventoryItem_FAILED && !i.isDeleted()
	case folded, pressed:
	}
	return false
}

// columns are the widths of the columns. They cover all resources, also hidden ones, so
// that columns keep their place while lines appear and disappear.
type columns struct{ name, id int }

func (t *tree) columns() columns {
	c := columns{name: 20}
	for _, p := range t.board.components {
		c.name = max(c.name, len(p.label)+2)
		for _, i := range p.items {
			c.name, c.id = max(c.name, len(i.resource)+4), max(c.id, len(i.GetId()))
		}
	}
	c.name, c.id = min(c.name, 44), min(c.id, 24)
	switch {
	case t.width == 0:
	case t.width < 60:
		c.name, c.id = min(c.name, max(t.width-24, 12)), 0
	case t.width < c.name+c.id+24:
		c.id = 0
	}
	return c
}

// fit cuts or pads a text to a width.
func fit(text string, width int) string {
	text = ansi.Truncate(text, width, "…")
	return text + strings.Repeat(" ", width-ansi.StringWidth(text))
}
