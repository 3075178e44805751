package processes_test

import (
	"context"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/skep-dev/skep/test/program"
)

// patience is how long a test of no more than a cluster in a hurry waits at most: a
// process that hangs is ended, and with it whatever waits for it.
const patience = 45 * time.Second

// patient is the context of a test that waits so long at most.
func patient(t *testing.T, patience time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// grace is how long a process may take to say where it stands.
const grace = time.Second

// start runs a program until the test or ctx ends, with more in its environment
// than the test itself has. When the test fails it says where it stands.
func start(ctx context.Context, t *testing.T, environment []string, name string, arguments ...string) *program.Process {
	t.Helper()
	command := exec.CommandContext(ctx, programs.Path(name), arguments...)
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGQUIT) }
	command.WaitDelay = grace
	p := program.Start(t, command, environment...)
	t.Cleanup(func() {
		if t.Failed() {
			p.DumpGoroutines(grace)
		}
	})
	return p
}
