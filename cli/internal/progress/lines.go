package progress

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/cli/internal/objecttype"
)

// lines shows progress as one line per change of a state. It omits INTENDED, which the
// next state follows at once.
type lines struct {
	out   io.Writer
	board *board
	clock clock
	// written is the last state written, by resource or component.
	written map[string]string
}

// line is one change of a state.
type line struct {
	time      time.Time
	component string
	resource  string
	from      string
	to        string
	note      string
	fault     *typev1.Fault
}

// writeChanges writes the changes since the last call, oldest first.
func (l *lines) writeChanges() error {
	var changes []line
	for _, p := range l.board.components {
		for _, i := range p.items {
			changes = append(changes, line{time: l.when(i), component: p.label, resource: i.resource, to: i.state(), note: took(l.clock.took(i)), fault: i.GetFault()})
		}
	}
	slices.SortStableFunc(changes, func(a, b line) int { return a.time.Compare(b.time) })
	for _, p := range l.board.components {
		from, to := p.span()
		change := line{time: l.board.seen, component: p.label, to: p.state(), note: took(l.clock.between(from, to))}
		if !to.IsZero() {
			change.time = to
		}
		changes = append(changes, change)
	}
	if c := l.board.cluster; c != nil {
		changes = append(changes, l.whole(c))
	}
	for _, change := range changes {
		key := change.component + "/" + change.resource
		from, known := l.written[key]
		if change.to == "INTENDED" || change.to == "" || from == change.to {
			continue
		}
		l.written[key] = change.to
		if !known && l.old(change) {
			continue
		}
		change.from = from
		if err := l.write(change); err != nil {
			return err
		}
	}
	return nil
}

// old reports whether a state that is seen for the first time is no change: the resource
// is blocked, or it was ready before the current operation began.
func (l *lines) old(c line) bool {
	deleting := l.board.cluster.GetDeleteTime() != nil
	return c.to == "BLOCKED" || c.to == "READY" && c.resource != "" && (deleting || c.time.Before(began(l.board.cluster)))
}

// whole returns the change of the cluster itself.
func (l *lines) whole(c *clusterv1.Cluster) line {
	change := line{time: l.board.seen, component: objecttype.ID(c.GetName()), to: c.GetStatus().GetState().String()}
	switch {
	case l.board.deleted:
		change.to, change.note = "DELETED", took(l.elapsed(l.board.seen))
	case l.board.finished():
		change.time = l.board.until(l.board.seen)
		change.note = took(l.elapsed(change.time))
	case c.GetStatus().GetState() == typev1.State_STATE_UNSPECIFIED:
		change.to = ""
	case c.GetStatus().GetState() == typev1.State_FAILED:
		for _, condition := range c.GetStatus().GetConditions() {
			if change.fault == nil {
				change.fault = condition.GetFault()
			}
		}
	}
	return change
}

// when returns the time of the last change of the state of an item.
func (l *lines) when(i *item) time.Time {
	switch since := moment(i.GetSince()); {
	case i.isDeleted():
		return i.deleted
	case !since.IsZero():
		return since
	}
	return l.board.seen
}

func (l *lines) elapsed(t time.Time) time.Duration { return l.clock.between(began(l.board.cluster), t) }

func (l *lines) write(c line) error {
	change := c.to
	if c.from != "" {
		change = c.from + " → " + c.to
	}
	text := strings.TrimRight(fmt.Sprintf("%-7s %-18s %-38s %s  %s", "+"+stopwatch(l.elapsed(c.time)), c.component, c.resource, change, c.note), " ") + "\n"
	if c.fault != nil && (c.to == "FAILED" || c.to == "DELETING") {
		text += fmt.Sprintf("%8s%s\n", "", reason(c.fault))
		if c.fault.GetRemedy() != "" {
			text += fmt.Sprintf("%8s→ %s\n", "", c.fault.GetRemedy())
		}
	}
	_, err := io.WriteString(l.out, text)
	return err
}

func took(d time.Duration) string {
	if short(d) == "" {
		return ""
	}
	return "(took " + short(d) + ")"
}

// reason returns the message of a fault with the AWS error code.
func reason(f *typev1.Fault) string {
	if f.GetAwsCode() != "" {
		return f.GetMessage() + " (" + f.GetAwsCode() + ")"
	}
	return f.GetMessage()
}
