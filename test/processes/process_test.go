package processes_test

import (
	"context"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/skep-dev/skep/test/program"
)

// timeout limits a test of one cluster with scaled time. After it, hanging processes end.
const timeout = 45 * time.Second

// withTimeout returns a context that ends after the timeout or with the test.
func withTimeout(t *testing.T, timeout time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	t.Cleanup(cancel)
	return ctx
}

// grace limits the time of a process for printing the stacks of its goroutines.
const grace = time.Second

// start runs a program until the test or ctx ends, with environment added to the environment
// of the test. When the test fails, the process prints the stacks of its goroutines.
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
