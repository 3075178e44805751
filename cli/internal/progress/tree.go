package progress

import (
	"time"

	tea "charm.land/bubbletea/v2"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
)

// beat is how often the tree is drawn anew while nothing happens: stopwatches run.
const beat = 250 * time.Millisecond

// tree shows progress as a tree that is redrawn in place. It is a model of
// Bubble Tea. While it runs it has the alternate screen to itself, since a frame
// that grows and shrinks between other lines leaves traces.
type tree struct {
	board *board
	clock clock
	// width and height are the window's.
	width, height int
	// turn counts the beats.
	turn int
	// over says that there are no more snapshots; err is why, if not by themselves.
	over bool
	err  error
}

type (
	snapshot struct{ *clusterv1.Cluster }
	ended    struct{ error }
	beaten   struct{}
)

// Init implements tea.Model.
func (t *tree) Init() tea.Cmd { return next() }

func next() tea.Cmd { return tea.Tick(beat, func(time.Time) tea.Msg { return beaten{} }) }

// Update implements tea.Model.
func (t *tree) Update(message tea.Msg) (tea.Model, tea.Cmd) {
	switch message := message.(type) {
	case tea.WindowSizeMsg:
		t.width, t.height = message.Width, message.Height
	case tea.KeyPressMsg:
		if key := message.String(); key == "ctrl+c" || key == "q" {
			return t, tea.Interrupt
		}
	case snapshot:
		t.board.merge(message.Cluster, time.Now())
	case ended:
		t.over, t.err = true, message.error
		if t.err == nil {
			t.board.end(time.Now())
		}
		return t, tea.Quit
	case beaten:
		t.turn++
		return t, next()
	}
	return t, nil
}

// View implements tea.Model.
func (t *tree) View() tea.View {
	view := tea.NewView(t.render(time.Now()))
	view.AltScreen = true
	return view
}

// last is the tree as it is in the end, as high as it has to be.
func (t *tree) last() string {
	if t.board.cluster == nil {
		return ""
	}
	t.height = 0
	return t.render(t.board.seen)
}
