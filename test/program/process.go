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

// A Process is a program that runs, and what it has said.
type Process struct {
	command *exec.Cmd
	ended   chan struct{}

	mu    sync.Mutex
	heard *sync.Cond
	text  bytes.Buffer
	over  bool
}

// Start runs a command until the test ends, with more in its environment than the
// test itself has. What it says is told when the test fails.
func Start(t *testing.T, command *exec.Cmd, environment ...string) *Process {
	t.Helper()
	p := &Process{command: command, ended: make(chan struct{})}
	p.heard = sync.NewCond(&p.mu)
	command.Env = append(os.Environ(), environment...)
	command.Stdout, command.Stderr = p, p
	require.NoError(t, command.Start())
	go func() {
		_ = command.Wait() // How it ended is told by whoever waits for its words.
		p.mu.Lock()
		p.over = true
		p.mu.Unlock()
		p.heard.Broadcast()
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.Kill()
		if t.Failed() {
			t.Logf("%s said:\n%s", command, p.Said())
		}
	})
	return p
}

// Write implements io.Writer for both outputs of the process.
func (p *Process) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.heard.Broadcast()
	return p.text.Write(text)
}

// Said is what the process has said until now.
func (p *Process) Said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// Tells waits until the process says what the pattern matches, and returns the
// group in it. A process that ends first fails the test.
func (p *Process) Tells(t *testing.T, pattern string) string {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	wanted := regexp.MustCompile(pattern)
	for {
		if found := wanted.FindSubmatch(p.text.Bytes()); found != nil {
			return string(found[1])
		}
		if p.over {
			require.Fail(t, "the process ended without saying what was waited for", "%s\n%s", pattern, p.text.String())
		}
		p.heard.Wait()
	}
}

// Kill ends the process without warning, as kill -9 does, and returns when it is
// gone. It may be repeated.
func (p *Process) Kill() {
	_ = p.command.Process.Kill() // It may have ended by itself.
	<-p.ended
}

// TellWhere ends the process and has it say what each of its goroutines was at, if
// it listens to signals within the grace.
func (p *Process) TellWhere(grace time.Duration) {
	_ = p.command.Process.Signal(syscall.SIGQUIT) // It may have ended by itself.
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
