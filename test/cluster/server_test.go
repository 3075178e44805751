package cluster_test

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/libs/platform/topology"
	"github.com/skep-dev/skep/test/program"
)

// size is the number of servers.
const size = 3

// server is one NATS server with its settings.
type server struct {
	*program.Process
	name, store    string
	listen, routes string // The addresses for clients and for the other servers.
	peers          []string
	// on calls start in the network namespace of the server.
	on func(start func())
}

// start starts the server on its files and returns when it accepts connections.
func (s *server) start(t *testing.T) {
	t.Helper()
	command := exec.Command(programs.Path("nats-server"), "-c", "../../deploy/nats/cluster.conf", "--cluster_advertise", unreachable)
	s.on(func() {
		s.Process = program.Start(t, command, append(passwords(),
			"SKEP_NATS_NAME="+s.name, "SKEP_NATS_LISTEN="+s.listen, "SKEP_NATS_STORE="+s.store,
			"SKEP_NATS_CLUSTER_LISTEN="+s.routes, "SKEP_NATS_ROUTES=["+strings.Join(s.peers, ", ")+"]", "SKEP_NATS_ROUTE="+password("route"))...)
	})
	s.listen = s.Await(t, `Listening for client connections on (\S+)`)
	s.routes = s.Await(t, `Listening for route connections on (\S+)`)
	s.Await(t, `(Server is ready)`)
}

// unreachable is the address that servers advertise to each other, so that they connect only
// through the links, which can be cut.
const unreachable = "127.0.0.1:1"

// url returns the URL for clients.
func (s *server) url() string { return "nats://" + s.listen }

// passwords returns the environment with the password of every NATS user.
func passwords() []string {
	var environment []string
	for _, service := range topology.Suite() {
		for _, user := range []string{service.Name, topology.Admin(service.Name)} {
			environment = append(environment, strings.TrimPrefix(topology.Environment(user), "$")+"="+password(user))
		}
	}
	return environment
}

func password(user string) string { return "secret-of-" + user }

// servers are three servers that are connected by links. They run until the test that created
// them ends, even if a subtest restarts them.
type servers struct {
	t     *testing.T
	all   [size]*server
	links [size][size]*link // By source and target; nil on the diagonal.
	// network holds the hosts of the servers; nil means that all run on loopback.
	network *network
}

// newServers starts three servers that are connected by links on loopback.
func newServers(t *testing.T) *servers {
	t.Helper()
	s := &servers{t: t}
	for i := range size {
		s.all[i] = newServer(t, i, "127.0.0.1", -1)
		s.all[i].on = func(start func()) { start() }
		for j := range size {
			if i != j {
				s.links[i][j] = newLink(t)
				s.all[i].addPeer(s.links[i][j].address())
			}
		}
	}
	for i := range size {
		s.start(i)
	}
	return s
}

// newServersOnSeparateHosts starts three servers, each on its own host of a network.
func newServersOnSeparateHosts(t *testing.T) *servers {
	t.Helper()
	s := &servers{t: t, network: newNetwork(t)}
	for i := range size {
		s.all[i] = newServer(t, i, s.network.address(i), routePort)
		s.all[i].on = func(start func()) { s.network.on(t, i, start) }
		for j := range size {
			if i != j {
				s.all[i].addPeer(fmt.Sprintf("%s:%d", s.network.address(j), routePort))
			}
		}
	}
	for i := range size {
		s.start(i)
	}
	return s
}

// routePort is the port for the other servers on a separate host.
const routePort = 6222

func newServer(t *testing.T, i int, address string, routes int) *server {
	t.Helper()
	return &server{name: fmt.Sprintf("nats-%d", i), store: filepath.Join(t.TempDir(), "nats"),
		listen: address + ":-1", routes: fmt.Sprintf("%s:%d", address, routes)}
}

// addPeer adds the address of another server. Call it before start.
func (s *server) addPeer(address string) {
	s.peers = append(s.peers, fmt.Sprintf(`"nats://route:%s@%s"`, password("route"), address))
}

// start starts or restarts a server.
func (s *servers) start(i int) {
	s.t.Helper()
	s.all[i].start(s.t)
	for j := range size {
		if s.links[j][i] != nil {
			s.links[j][i].to(s.all[i].routes)
		}
	}
}

// isolate disconnects a server from the others or connects it again. A server on loopback
// keeps its clients; a server on a separate host loses them too.
func (s *servers) isolate(i int, cut bool) {
	if s.network != nil {
		s.network.set(s.t, i, cut)
		return
	}
	for j := range size {
		if i != j {
			s.links[i][j].set(cut)
			s.links[j][i].set(cut)
		}
	}
}

// urls returns the URLs of all servers, starting with this one.
func (s *servers) urls(first int) string {
	var urls []string
	for i := range size {
		urls = append(urls, s.all[(first+i)%size].url())
	}
	return strings.Join(urls, ",")
}

// provision creates missing streams and returns the id of the installation.
func (s *servers) provision(t *testing.T) string {
	t.Helper()
	command := exec.Command(programs.Path("skep"), "provision", "--nats="+s.urls(0), fmt.Sprintf("--replicas=%d", size))
	return program.Start(t, command, passwords()...).Await(t, `(?m)^([0-9a-f]{8})$`)
}

// leader returns the index of the server that leads a stream.
func (s *servers) leader(t *testing.T, service, stream string) int {
	t.Helper()
	nc, err := nats.Connect(s.urls(0), nats.UserInfo(service, password(service)))
	require.NoError(t, err)
	defer nc.Close()
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	var leader string
	ctx, cancel := context.WithTimeout(t.Context(), waitTimeout)
	defer cancel()
	require.NoError(t, bus.Retry(ctx, func(ctx context.Context) error {
		bound, err := js.Stream(ctx, stream)
		if err != nil {
			return err
		}
		if leader = bound.CachedInfo().Cluster.Leader; leader == "" {
			return nats.ErrNoResponders // An election is in progress.
		}
		return nil
	}))
	return slices.IndexFunc(s.all[:], func(s *server) bool { return s.name == leader })
}
