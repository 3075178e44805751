package program

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Process is a running program with its output.
type Process struct {
	command *exec.Cmd
	ended   chan struct{}

	mu   sync.Mutex
	more *sync.Cond // signals more output or the end
	text bytes.Buffer
	over bool
}

// Start runs a command until the test ends, with environment added to the environment of the
// test. A failed test logs the output of the process.
func Start(t *testing.T, command *exec.Cmd, environment ...string) *Process {
	t.Helper()
	p := &Process{command: command, ended: make(chan struct{})}
	p.more = sync.NewCond(&p.mu)
	command.Env = append(os.Environ(), environment...)
	command.Stdout, command.Stderr = p, p
	require.NoError(t, command.Start())
	go func() {
		_ = command.Wait() // Await reports the end.
		p.mu.Lock()
		p.over = true
		p.mu.Unlock()
		p.more.Broadcast()
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.Kill()
		if t.Failed() {
			t.Logf("output of %s:\n%s", command, p.Output())
		}
	})
	return p
}

// Write implements io.Writer for both outputs of the process.
func (p *Process) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.more.Broadcast()
	return p.text.Write(text)
}

// Output returns the output of the process so far.
func (p *Process) Output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// Await waits until the output matches the pattern, and returns its first group. The test
// fails if the process ends first.
func (p *Process) Await(t *testing.T, pattern string) string {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	expression := regexp.MustCompile(pattern)
	for {
		if found := expression.FindSubmatch(p.text.Bytes()); found != nil {
			return string(found[1])
		}
		if p.over {
			require.Fail(t, "the process ended before its output matched the pattern", "%s\n%s", pattern, p.text.String())
		}
		p.more.Wait()
	}
}

// Kill ends the process as kill -9 does, and returns when it has ended. It is idempotent.
func (p *Process) Kill() {
	_ = p.command.Process.Kill() // The process may have ended already.
	<-p.ended
}

// DumpGoroutines ends the process with SIGQUIT, so that it prints the stacks of its
// goroutines. It waits at most for grace.
func (p *Process) DumpGoroutines(grace time.Duration) {
	_ = p.command.Process.Signal(syscall.SIGQUIT) // The process may have ended already.
	select {
	case <-p.ended:
	case <-time.After(grace):
	}
}

// Signal sends a signal to the process.
func (p *Process) Signal(t *testing.T, s os.Signal) {
	t.Helper()
	require.NoError(t, p.command.Process.Signal(s))
}

// Alive reports whether the process runs.
func (p *Process) Alive() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}
