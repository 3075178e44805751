// Package progress shows the create, update or delete of a cluster while it runs: as a
// live tree on a terminal, otherwise as one plain line per change.
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

// Options configure the display.
type Options struct {
	// Scale is the factor by which simulated AWS is faster than AWS: durations are shown
	// in the time of AWS. Zero means 1.
	Scale float64
	// Plain shows lines also on a terminal.
	Plain bool
	// NoColor shows a tree without colors.
	NoColor bool
	// Since is the response of the write whose result Follow waits for. Snapshots from
	// before that write do not end the wait. Nil ends it at the first settled snapshot.
	Since *clusterv1.Cluster
}

// ErrInterrupted means that the user pressed Ctrl-C. The server continues.
var ErrInterrupted = errors.New("interrupted")

// Show shows snapshots of a cluster on out until they end, and returns their error. If
// the last snapshot was being deleted, the end means that the cluster is deleted.
func Show(ctx context.Context, out io.Writer, snapshots iter.Seq2[*clusterv1.Cluster, error], o Options) error {
	clock := clock{scale: o.Scale}
	if file, ok := out.(*os.File); ok && !o.Plain && term.IsTerminal(int(file.Fd())) {
		return showTree(ctx, file, snapshots, clock, o.NoColor)
	}
	lines := &lines{out: out, board: new(board), clock: clock, written: map[string]string{}}
	for cluster, err := range snapshots {
		if err != nil {
			return err
		}
		lines.board.merge(cluster, time.Now())
		if err := lines.writeChanges(); err != nil {
			return err
		}
	}
	lines.board.end(time.Now())
	return lines.writeChanges()
}

// Follow shows one cluster until it is READY, FAILED or deleted. It returns the last
// snapshot, and the fault of a failed cluster.
func Follow(ctx context.Context, out io.Writer, open watch.Stream, name string, o Options) (*clusterv1.Cluster, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var last atomic.Pointer[clusterv1.Cluster] // After an interrupt of the tree, the reader still runs.
	recorded := func(yield func(*clusterv1.Cluster, error) bool) {
		for cluster, err := range watch.Settled(watch.Cluster(ctx, open, name), o.Since) {
			if cluster != nil {
				last.Store(cluster)
			}
			if !yield(cluster, err) {
				return
			}
		}
	}
	if err := Show(ctx, out, recorded, o); err != nil {
		return last.Load(), err
	}
	return last.Load(), watch.Fault(last.Load())
}

// showTree runs the live tree and writes its last frame at the end. A goroutine reads the
// snapshots.
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
