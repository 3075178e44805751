// Package command is the skep command: its words, its flags, and what each does
// through the API. Nothing here decides anything about clusters; the server does.
package command

import (
	"context"
	"errors"
	"io"
	"net"
	"os"

	"github.com/charmbracelet/colorprofile"
	"github.com/spf13/cobra"

	"github.com/skep-dev/skep/cli/internal/output"
	"github.com/skep-dev/skep/cli/internal/progress"
	"github.com/skep-dev/skep/libs/platform/fault"
)

// The exit codes. An interrupt ends with what shells expect of one.
const (
	exitOK          = 0
	exitFault       = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// Process is what the command has to do with the world.
type Process struct {
	// In, Out and Err are the standard streams.
	In       io.Reader
	Out, Err io.Writer
	// Env is the environment, `KEY=value` each.
	Env []string
	// Dialer connects to the server instead of TCP, if it is set.
	Dialer func(ctx context.Context, address string) (net.Conn, error)
}

// Own is the process that runs.
func Own() Process {
	return Process{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Env: os.Environ()}
}

// Run runs the command with more commands besides its own, and returns the exit
// code: 0 if it did what was asked, 1 after a fault, 2 if it was not understood.
// Whatever went wrong has been said on Err.
func (p Process) Run(ctx context.Context, args []string, more ...*cobra.Command) int {
	s := &settings{process: p}
	root := s.root(more)
	root.SetArgs(args)
	root.SetIn(p.In)
	root.SetOut(p.Out)
	root.SetErr(p.Err)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	w := colorprofile.NewWriter(p.Err, s.environment())
	switch {
	case errors.Is(err, progress.ErrInterrupted) || ctx.Err() != nil && errors.Is(err, context.Canceled):
		output.Note(w, "Stopped looking; what was asked for goes on.")
		return exitInterrupted
	case !s.understood:
		output.Fault(w, fault.Preconditionf("See `"+cmd.CommandPath()+" --help`.", "%s", err))
		return exitUsage
	case s.output == output.JSON:
		output.FaultJSON(p.Err, s.explain(err))
	default:
		output.Fault(w, s.explain(err))
	}
	return exitFault
}
