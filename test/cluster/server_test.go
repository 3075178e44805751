package cluster_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/bus"
	"github.com/skep-dev/skep/test/program"
)

// size is how many servers there are.
const size = 3

// server is one of the NATS servers, and what it was started with.
type server struct {
	*program.Process
	name, store    string
	listen, routes string // Where clients and the other servers reach it.
	peers          []string
}

// start runs the server on its files and returns when it takes connections.
func (s *server) start(t *testing.T) {
	t.Helper()
	command := exec.Command(programs.Path("nats-server"), "-c", "../../deploy/nats/cluster.conf", "--cluster_advertise", nowhere)
	s.Process = program.Start(t, command, append(passwords(),
		"SKEP_NATS_NAME="+s.name, "SKEP_NATS_LISTEN="+s.listen, "SKEP_NATS_STORE="+s.store,
		"SKEP_NATS_CLUSTER_LISTEN="+s.routes, "SKEP_NATS_ROUTES=["+strings.Join(s.peers, ", ")+"]", "SKEP_NATS_ROUTE="+password("route"))...)
	s.listen = s.Tells(t, `Listening for client connections on (\S+)`)
	s.routes = s.Tells(t, `Listening for route connections on (\S+)`)
	s.Tells(t, `(Server is ready)`)
}

// nowhere is what a server tells the others of where it is: they are to go through
// the links, which can be cut, and nowhere else.
const nowhere = "127.0.0.1:1"

// url is where clients find the server.
func (s *server) url() string { return "nats://" + s.listen }

// passwords is the environment with the password of every user.
func passwords() []string {
	var environment []string
	for _, service := range bus.Suite() {
		for _, user := range []string{service.Name, bus.Admin(service.Name)} {
			environment = append(environment, strings.TrimPrefix(bus.Environment(user), "$")+"="+password(user))
		}
	}
	return environment
}

func password(user string) string { return "secret-of-" + user }

// servers are three servers that know one another by links. They run until the
// test ends that they were made for, whoever starts them again.
type servers struct {
	t     *testing.T
	all   [size]*server
	links [size][size]*link // From one to another; none to itself.
}

// newServers starts three servers and makes the streams, each on all of them.
func newServers(t *testing.T) *servers {
	t.Helper()
	s := &servers{t: t}
	for i := range size {
		s.all[i] = &server{name: fmt.Sprintf("nats-%d", i), store: filepath.Join(t.TempDir(), "nats"), listen: "127.0.0.1:-1", routes: "127.0.0.1:-1"}
		for j := range size {
			if i != j {
				s.links[i][j] = newLink(t)
				s.all[i].peers = append(s.all[i].peers, fmt.Sprintf(`"nats://route:%s@%s"`, password("route"), s.links[i][j].address()))
			}
		}
	}
	for i := range size {
		s.start(i)
	}
	return s
}

// start starts a server, for the first time or again.
func (s *servers) start(i int) {
	s.t.Helper()
	s.all[i].start(s.t)
	for j := range size {
		if i != j {
			s.links[j][i].to(s.all[i].routes)
		}
	}
}

// isolate cuts a server off from the others, or joins it to them again. Its clients
// still reach it.
func (s *servers) isolate(i int, cut bool) {
	for j := range size {
		if i != j {
			s.links[i][j].set(cut)
			s.links[j][i].set(cut)
		}
	}
}

// urls lists the servers with this one first.
func (s *servers) urls(first int) string {
	var urls []string
	for i := range size {
		urls = append(urls, s.all[(first+i)%size].url())
	}
	return strings.Join(urls, ",")
}

// provision makes the streams, or finds them as they should be, and returns the id
// of the installation.
func (s *servers) provision(t *testing.T) string {
	t.Helper()
	command := exec.Command(programs.Path("skep"), "provision", "--nats="+s.urls(0), fmt.Sprintf("--replicas=%d", size))
	return program.Start(t, command, passwords()...).Tells(t, `(?m)^([0-9a-f]{8})$`)
}

// leader is the server that takes the writes of a stream as a service sees it.
func (s *servers) leader(t *testing.T, service, stream string) int {
	t.Helper()
	nc, err := nats.Connect(s.urls(0), nats.UserInfo(service, password(service)))
	require.NoError(t, err)
	defer nc.Close()
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	bound, err := js.Stream(t.Context(), stream)
	require.NoError(t, err)
	for i := range size {
		if bound.CachedInfo().Cluster.Leader == s.all[i].name {
			return i
		}
	}
	require.Fail(t, "the stream has no leader")
	return 0
}
