package processes_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
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

// process is a program that runs, and what it has said.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{}

	mu    sync.Mutex
	heard *sync.Cond
	text  bytes.Buffer
	over  bool
}

// start runs a program until the test or ctx ends, with more in its environment
// than the test itself has.
func start(ctx context.Context, t *testing.T, environment []string, program string, arguments ...string) *process {
	t.Helper()
	p := &process{cmd: exec.CommandContext(ctx, filepath.Join(binaries, program), arguments...), ended: make(chan struct{})}
	p.heard = sync.NewCond(&p.mu)
	p.cmd.Env = append(os.Environ(), environment...)
	p.cmd.Stdout, p.cmd.Stderr = p, p
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGQUIT) }
	p.cmd.WaitDelay = grace
	require.NoError(t, p.cmd.Start())
	go func() {
		_ = p.cmd.Wait() // How it ended is told by whoever waits for its words.
		p.mu.Lock()
		p.over = true
		p.mu.Unlock()
		p.heard.Broadcast()
		close(p.ended)
	}()
	t.Cleanup(func() {
		if t.Failed() {
			p.tellWhere()
		}
		p.kill()
		if t.Failed() {
			t.Logf("%s said:\n%s", program, p.said())
		}
	})
	return p
}

// Write implements io.Writer for both outputs of the process.
func (p *process) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.heard.Broadcast()
	return p.text.Write(text)
}

// said is what the process has said until now.
func (p *process) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// tells waits until the process says what the pattern matches, and returns the
// group in it.
func (p *process) tells(t *testing.T, pattern string) string {
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

// kill ends the process without warning, as kill -9 does.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // It may have ended by itself.
	<-p.ended
}

// grace is how long a process may take to say where it stands.
const grace = time.Second

// tellWhere ends the process and has it say what each of its goroutines was at.
func (p *process) tellWhere() {
	_ = p.cmd.Process.Signal(syscall.SIGQUIT) // It may have ended by itself.
	select {
	case <-p.ended:
	case <-time.After(grace): // It does not listen to signals any more.
	}
}

// lives reports whether the process runs.
func (p *process) lives() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}
