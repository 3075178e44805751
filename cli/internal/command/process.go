// Package command is the skep command: its subcommands and flags, which call the API.
// All decisions about clusters are made by the server.
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

// The exit codes. exitInterrupted is the code that shells expect after an interrupt.
const (
	exitOK          = 0
	exitFault       = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// Process is the environment of the command.
type Process struct {
	// In, Out and Err are the standard streams.
	In       io.Reader
	Out, Err io.Writer
	// Env holds the environment variables as `KEY=value`.
	Env []string
	// Dialer replaces TCP for the connection to the server, if it is set.
	Dialer func(ctx context.Context, address string) (net.Conn, error)
}

// CurrentProcess returns the current process.
func CurrentProcess() Process {
	return Process{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Env: os.Environ()}
}

// Run runs the command with more commands besides its own, and returns the exit code:
// 0 for success, 1 after a fault, 2 after a usage error, 130 after an interrupt. It
// writes every error to Err.
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
		output.Note(w, "Stopped watching. The request continues on the server.")
		return exitInterrupted
	case !s.usageValid:
		output.Fault(w, fault.Preconditionf("See `"+cmd.CommandPath()+" --help`.", "%s", err))
		return exitUsage
	case s.output == output.JSON:
		output.FaultJSON(p.Err, s.explain(err))
	default:
		output.Fault(w, s.explain(err))
	}
	return exitFault
}
