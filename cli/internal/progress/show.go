// Package progress shows a cluster coming, changing or going while it happens: as
// a live tree on a terminal, and as one plain line a change everywhere else.
package progress

import (
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"golang.org/x/term"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/cli/internal/watch"
)

// Options say how progress is shown.
type Options struct {
	// Scale is how many times faster than AWS the simulation is: durations are shown
	// in the time of AWS. 1 if it is 0.
	Scale float64
	// Plain shows lines on a terminal too.
	Plain bool
	// NoColor shows a tree without colours.
	NoColor bool
	// Since is the answer of the write that is waited for, if there was one: what the
	// cluster was before does not end the wait. Only for Follow.
	Since *clusterv1.Cluster
}

// ErrInterrupted says that somebody stopped the show with Ctrl-C. The cluster goes on.
var ErrInterrupted = errors.New("interrupted")

// Show shows snapshots of a cluster on out until there are no more, and returns
// the error that they ended with. A cluster that was being deleted is gone then.
func Show(ctx context.Context, out io.Writer, snapshots iter.Seq2[*clusterv1.Cluster, error], o Options) error {
	clock := clock{scale: o.Scale}
	if file, ok := out.(*os.File); ok && !o.Plain && term.IsTerminal(int(file.Fd())) {
		return showTree(ctx, file, snapshots, clock, o.NoColor)
	}
	lines := &lines{out: out, board: new(board), clock: clock, said: map[string]string{}}
	for cluster, err := range snapshots {
		if err != nil {
			return err
		}
		lines.board.merge(cluster, time.Now())
		if err := lines.say(); err != nil {
			return err
		}
	}
	lines.board.end(time.Now())
	return lines.say()
}

// Follow shows one cluster until it waits for nothing but people: until it is
// READY, FAILED or gone. It returns the last snapshot, and the fault of a
// cluster that failed.
func Follow(ctx context.Context, out io.Writer, open watch.Stream, name string, o Options) (*clusterv1.Cluster, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var last atomic.Pointer[clusterv1.Cluster] // A tree that is interrupted leaves its reader behind.
	remembered := func(yield func(*clusterv1.Cluster, error) bool) {
		for cluster, err := range watch.Settled(watch.Cluster(ctx, open, name), o.Since) {
			if cluster != nil {
				last.Store(cluster)
			}
			if !yield(cluster, err) {
				return
			}
		}
	}
	if err := Show(ctx, out, remembered, o); err != nil {
		return last.Load(), err
	}
	return last.Load(), watch.Fault(last.Load())
}

// showTree runs the live tree, and leaves its last frame behind. The snapshots
// are read beside it.
func showTree(ctx context.Context, out *os.File, snapshots iter.Seq2[*clusterv1.Cluster, error], clock clock, noColor bool) error {
	profile := colorprofile.Detect(out, os.Environ())
	if noColor {
		profile = colorprofile.Ascii
	}
	shown := &tree{board: new(board), clock: clock}
	program := tea.NewProgram(shown, tea.WithContext(ctx), tea.WithOutput(out), tea.WithoutSignalHandler(), tea.WithColorProfile(profile))
	go func() {
		for cluster, err := range snapshots {
			if err != nil {
				program.Send(ended{err})
				return
			}
			program.Send(snapshot{cluster})
		}
		program.Send(ended{nil})
	}()
	_, err := program.Run()
	w := &colorprofile.Writer{Forward: out, Profile: profile}
	if _, failed := w.WriteString(shown.last()); failed != nil {
		return failed
	}
	switch {
	case errors.Is(err, tea.ErrInterrupted):
		return ErrInterrupted
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return err
	}
	return shown.err
}
