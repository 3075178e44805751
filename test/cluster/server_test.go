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
	// on starts its process where it is to run.
	on func(start func())
}

// start runs the server on its files and returns when it takes connections.
func (s *server) start(t *testing.T) {
	t.Helper()
	command := exec.Command(programs.Path("nats-server"), "-c", "../../deploy/nats/cluster.conf", "--cluster_advertise", nowhere)
	s.on(func() {
		s.Process = program.Start(t, command, append(passwords(),
			"SKEP_NATS_NAME="+s.name, "SKEP_NATS_LISTEN="+s.listen, "SKEP_NATS_STORE="+s.store,
			"SKEP_NATS_CLUSTER_LISTEN="+s.routes, "SKEP_NATS_ROUTES=["+strings.Join(s.peers, ", ")+"]", "SKEP_NATS_ROUTE="+password("route"))...)
	})
	s.listen = s.Await(t, `Listening for client connections on (\S+)`)
	s.routes = s.Await(t, `Listening for route connections on (\S+)`)
	s.Await(t, `(Server is ready)`)
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
	// network has the servers on hosts of their own; nil has all of them on loopback.
	network *network
}

// newServers starts three servers and makes the streams, each on all of them.
func newServers(t *testing.T) *servers {
	t.Helper()
	s := &servers{t: t}
	for i := range size {
		s.all[i] = newServer(t, i, "127.0.0.1", -1)
		s.all[i].on = func(start func()) { start() }
		for j := range size {
			if i != j {
				s.links[i][j] = newLink(t)
				s.all[i].knows(s.links[i][j].address())
			}
		}
	}
	for i := range size {
		s.start(i)
	}
	return s
}

// newServersOnHosts starts three servers on hosts of their own.
func newServersOnHosts(t *testing.T) *servers {
	t.Helper()
	s := &servers{t: t, network: newNetwork(t)}
	for i := range size {
		s.all[i] = newServer(t, i, s.network.address(i), routePort)
		s.all[i].on = func(start func()) { s.network.on(t, i, start) }
		for j := range size {
			if i != j {
				s.all[i].knows(fmt.Sprintf("%s:%d", s.network.address(j), routePort))
			}
		}
	}
	for i := range size {
		s.start(i)
	}
	return s
}

// routePort is where servers on hosts of their own reach one another.
const routePort = 6222

func newServer(t *testing.T, i int, address string, routes int) *server {
	t.Helper()
	return &server{name: fmt.Sprintf("nats-%d", i), store: filepath.Join(t.TempDir(), "nats"),
		listen: address + ":-1", routes: fmt.Sprintf("%s:%d", address, routes)}
}

// knows tells a server of another before it starts.
func (s *server) knows(address string) {
	s.peers = append(s.peers, fmt.Sprintf(`"nats://route:%s@%s"`, password("route"), address))
}

// start starts a server, for the first time or again.
func (s *servers) start(i int) {
	s.t.Helper()
	s.all[i].start(s.t)
	for j := range size {
		if s.links[j][i] != nil {
			s.links[j][i].to(s.all[i].routes)
		}
	}
}

// isolate cuts a server off from the others, or joins it to them again. Its clients
// still reach it, unless it is on a host of its own: that is cut off from everybody.
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
	return program.Start(t, command, passwords()...).Await(t, `(?m)^([0-9a-f]{8})$`)
}

// leader is the server that takes the writes of a stream as a service sees it.
func (s *servers) leader(t *testing.T, service, stream string) int {
	t.Helper()
	nc, err := nats.Connect(s.urls(0), nats.UserInfo(service, password(service)))
	require.NoError(t, err)
	defer nc.Close()
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	var leader string
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	require.NoError(t, bus.Again(ctx, func(ctx context.Context) error {
		bound, err := js.Stream(ctx, stream)
		if err != nil {
			return err
		}
		if leader = bound.CachedInfo().Cluster.Leader; leader == "" {
			return nats.ErrNoResponders // They are electing one.
		}
		return nil
	}))
	return slices.IndexFunc(s.all[:], func(s *server) bool { return s.name == leader })
}
