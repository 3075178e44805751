package progress

import (
	"fmt"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/cli/internal/objecttype"
	"github.com/skep-dev/skep/cli/internal/output"
)

// spinner holds the frames of the spinner.
var spinner = []string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"}

// header draws the line of the cluster: name, state, stopwatch, progress, and the
// slowest resource.
func (t *tree) header(now time.Time) []string {
	b := t.board
	state := b.state()
	style := output.Busy
	switch state {
	case "READY", "DELETED":
		style = output.Good
	case "FAILED", "DEGRADED":
		style = output.Bad
	}
	done, all, word := b.done()
	elapsed := t.clock.between(began(b.cluster), b.until(now))
	first := fmt.Sprintf("%s  %s  %s  %s%d of %d %s", output.Strong.Render(objecttype.ID(b.cluster.GetName())), style.Render(state), stopwatch(elapsed), t.bar(done, all), done, all, word)
	return []string{first, quiet(t.slowest(now)), ""}
}

// bar draws a progress bar if the window is wide enough.
func (t *tree) bar(done, all int) string {
	const width = 20
	if all == 0 || t.width > 0 && t.width < 70 {
		return ""
	}
	full := done * width / all
	return output.Good.Render(strings.Repeat("━", full)) + quiet(strings.Repeat("─", width-full)) + "  "
}

// slowest names the resource that takes longest now, or that took longest in the end.
func (t *tree) slowest(now time.Time) string {
	var longest time.Duration
	var name, state string
	over := t.board.deleted || t.board.finished()
	for _, p := range t.board.components {
		for _, i := range p.items {
			d := t.clock.took(i)
			if !over {
				d = t.clock.between(moment(i.GetSince()), now)
			}
			if d > longest && (over || i.active()) {
				longest, name, state = d, p.label+" "+i.resource, i.state()
			}
		}
	}
	switch {
	case name == "":
		return ""
	case over:
		return fmt.Sprintf("the slowest was %s: %s", name, short(longest))
	}
	return fmt.Sprintf("slowest now: %s, %s for %s", name, state, short(longest))
}

// component draws the line of a component.
func (t *tree) component(c columns, p *component, now time.Time) string {
	deleted := p.count((*item).isDeleted)
	ready := p.count(func(i *item) bool { return !i.isDeleted() && i.GetState() == typev1.InventoryItem_READY })
	blocked := p.count(func(i *item) bool { return !i.isDeleted() && i.GetState() == typev1.InventoryItem_BLOCKED })
	failed := p.count(func(i *item) bool { return !i.isDeleted() && i.GetState() == typev1.InventoryItem_FAILED })
	var words []string
	switch {
	case len(p.items) == 0:
		words = append(words, p.GetMessage())
	case p.state() == "DELETED":
		words = append(words, fmt.Sprintf("%d deleted", deleted))
	case t.board.cluster.GetDeleteTime() != nil:
		words = append(words, fmt.Sprintf("%d of %d deleted", deleted, len(p.items)))
	default:
		words = append(words, fmt.Sprintf("%d of %d", ready, len(p.items)-deleted))
	}
	if blocked > 0 {
		words = append(words, fmt.Sprintf("%d waiting", blocked))
	}
	if failed > 0 {
		words = append(words, output.Bad.Render(fmt.Sprintf("%d failed", failed)))
	}
	from, to := p.span()
	if to.IsZero() {
		to = now
	}
	glyph, name := t.turning(), output.Strong.Render(fit(p.label, c.name-2))
	switch {
	case p.state() == "READY":
		glyph = output.Good.Render("✓")
	case p.state() == "DELETED":
		glyph, name = output.Good.Render("✓"), quiet(fit(p.label, c.name-2))
	case failed > 0 || p.state() == "FAILED":
		glyph = output.Bad.Render("✗")
	case from.IsZero():
		glyph, name = quiet("○"), quiet(fit(p.label, c.name-2))
	}
	return glyph + " " + name + "  " + fit(short(t.clock.between(from, to)), 6) + "  " + strings.Join(words, ", ")
}

// item draws the line of a resource and, if it failed, the fault and the remedy below it.
func (t *tree) item(c columns, p *component, i *item, now time.Time) []string {
	glyph, style, d, note := t.turning(), lipgloss.NewStyle(), t.clock.between(moment(i.GetSince()), now), i.GetMessage()
	switch {
	case i.isDeleted():
		glyph, style, d, note = output.Good.Render("✓"), output.Quiet, t.clock.took(i), ""
	case i.GetState() == typev1.InventoryItem_READY && p.deleting:
		glyph, style, d, note = "○", output.Quiet, 0, ""
	case i.GetState() == typev1.InventoryItem_READY:
		glyph, d, note = output.Good.Render("✓"), t.clock.took(i), ""
	case i.GetState() == typev1.InventoryItem_BLOCKED:
		glyph, style, d = "○", output.Quiet, 0
	case i.GetState() == typev1.InventoryItem_FAILED:
		glyph, style, note = "✗", output.Bad, ""
	}
	line := "  " + style.Render(glyph) + " " + style.Render(fit(i.resource, c.name-4)) + "  " + fit(short(d), 6) + "  " + style.Render(fit(i.state(), 8))
	if c.id > 0 && (i.GetId() != "" || note != "") {
		line += "  " + quiet(fit(i.GetId(), c.id))
	}
	if note != "" {
		line += "  " + quiet(note)
	}
	lines := []string{line}
	if f := i.GetFault(); f != nil && i.GetState() == typev1.InventoryItem_FAILED {
		lines = append(lines, t.paragraph(reason(f))...)
		lines = append(lines, t.paragraph("→ "+f.GetRemedy())...)
	}
	return lines
}

// paragraph wraps a text below a failed resource.
func (t *tree) paragraph(text string) []string {
	if strings.TrimSpace(strings.TrimPrefix(text, "→")) == "" {
		return nil
	}
	const indent = "    "
	if t.width > 0 {
		text = ansi.Wordwrap(text, max(t.width-len(indent), 10), "")
	}
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, indent+output.Bad.Render(strings.TrimSpace(line)))
	}
	return lines
}

func (t *tree) turning() string { return output.Busy.Render(spinner[t.turn%len(spinner)]) }

func quiet(text string) string {
	if text == "" {
		return ""
	}
	return output.Quiet.Render(text)
}
