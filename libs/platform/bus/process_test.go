package bus_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/libs/platform/topology"
)

// process is a nats-server in a process of its own, with the deployed configuration.
type process struct {
	binary, store string
	cmd           *exec.Cmd
	url           string
}

// listening matches the log line with the address of the server.
var listening = regexp.MustCompile(`Listening for client connections on (\S+)`)

// start runs the server on a free port and returns when it is ready.
func (p *process) start(t *testing.T) {
	t.Helper()
	p.cmd = exec.Command(p.binary, "-c", "../../../deploy/nats/nats.conf")
	p.cmd.Env = append(os.Environ(), "SKEP_NATS_NAME=test", "SKEP_NATS_LISTEN=127.0.0.1:-1", "SKEP_NATS_STORE="+p.store)
	for _, s := range topology.Suite() {
		for _, user := range []string{s.Name, s.Name + "-admin"} {
			p.cmd.Env = append(p.cmd.Env, fmt.Sprintf("%s=%s", strings.TrimPrefix(topology.Environment(user), "$"), password(user)))
		}
	}
	log, err := p.cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	t.Cleanup(p.kill)
	lines := bufio.NewScanner(log)
	var text strings.Builder
	for lines.Scan() {
		fmt.Fprintln(&text, lines.Text())
		if found := listening.FindStringSubmatch(lines.Text()); found != nil {
			p.url = "nats://" + found[1]
		}
		if strings.Contains(lines.Text(), "Server is ready") {
			go func() {
				for lines.Scan() { // the server blocks if its log is not read
				}
			}()
			return
		}
	}
	require.Fail(t, "the server did not start", text.String())
}

// kill kills the server without a shutdown.
func (p *process) kill() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	}
}

// connect connects over TCP.
func (p *process) connect(user string) (*nats.Conn, error) {
	return nats.Connect(p.url, nats.UserInfo(user, password(user)))
}

// password returns the password of a user in the environment of the server.
func password(user string) string { return "secret-of-" + user }

func TestAKilledServerLosesNothing(t *testing.T) {
	t.Parallel()
	p := &process{binary: filepath.Join(t.TempDir(), "nats-server"), store: t.TempDir()}
	out, err := exec.Command("go", "build", "-o", p.binary, "github.com/nats-io/nats-server/v2").CombinedOutput()
	require.NoError(t, err, string(out))

	p.start(t)
	provision := func() {
		require.NoError(t, bus.Provision(t.Context(), func(service string) (*nats.Conn, error) { return p.connect(service + "-admin") }, topology.Suite(), 1))
	}
	provision()
	revision, err := bucket(t, p, "network", "network").Put(t.Context(), "networks/acme/n1", []byte("one"))
	require.NoError(t, err)
	require.Equal(t, revision, firstSeen(t, bucket(t, p, "compute", "network")).Revision())

	p.kill()
	p.start(t)
	provision()
	e, err := bucket(t, p, "network", "network").Get(t.Context(), "networks/acme/n1")
	require.NoError(t, err)
	require.Equal(t, "one", string(e.Value()))
	require.Equal(t, revision, firstSeen(t, bucket(t, p, "compute", "network")).Revision())
	_, err = nats.Connect(p.url)
	require.ErrorIs(t, err, nats.ErrAuthorization)
}

// bucket opens a bucket as a service.
func bucket(t *testing.T, p *process, service, name string) jetstream.KeyValue {
	t.Helper()
	nc, err := p.connect(service)
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	return records(t, js, name)
}

// firstSeen waits for the first record that a watch shows.
func firstSeen(t *testing.T, kv jetstream.KeyValue) jetstream.KeyValueEntry {
	t.Helper()
	w, err := kv.WatchAll(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, w.Stop()) }()
	timeout := time.After(30 * time.Second)
	for {
		select {
		case e := <-w.Updates():
			if e != nil {
				return e
			}
		case <-timeout:
			require.Fail(t, "the watch shows no record")
		}
	}
}
