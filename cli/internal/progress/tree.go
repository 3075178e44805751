package progress

import (
	"time"

	tea "charm.land/bubbletea/v2"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
)

// beat is the interval between two frames. The stopwatches need it when no snapshot arrives.
const beat = 250 * time.Millisecond

// tree shows progress as a tree that is redrawn in place. It implements tea.Model. It
// uses the alternate screen, since a frame that grows and shrinks between other lines
// leaves traces.
type tree struct {
	board *board
	clock clock
	// width and height are the size of the window.
	width, height int
	// turn is the number of beats.
	turn int
	// over means that the snapshots have ended; err is their error.
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

// last returns the last frame, in full height.
func (t *tree) last() string {
	if t.board.cluster == nil {
		return ""
	}
	t.height = 0
	return t.render(t.board.seen)
}
