package bus

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/skep-dev/skep/libs/platform/topology"
)

// startTimeout bounds the start of a server. With 100,000 records a start takes one or two seconds.
const startTimeout = 30 * time.Second

// Options are the settings of a [Server].
type Options struct {
	// Dir is the directory of the JetStream files. It is required.
	Dir string
	// Topology is the topology of the server. Nil means [Suite].
	Topology topology.Topology
	// Listen is an address such as 127.0.0.1:4222. If it is empty, only this process reaches the server.
	Listen string
}

// A Server is a NATS server inside the process, with JetStream on files that are synced at every write. Its passwords
// are random, new at every start, and known only to this process.
type Server struct {
	options   Options
	passwords map[string]string

	mu     sync.Mutex
	server *server.Server
}

// Start runs a server until Close. It creates no streams: see [Provision].
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.Dir == "" {
		return nil, errors.New("start nats: the directory is required")
	}
	if o.Topology == nil {
		o.Topology = topology.Suite()
	}
	s := &Server{options: o, passwords: map[string]string{}}
	if err := s.start(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// password returns the password of a user, quoted. It stays the same for the lifetime of the process.
func (s *Server) password(user string) string {
	if s.passwords[user] == "" {
		s.passwords[user] = rand.Text()
	}
	return strconv.Quote(s.passwords[user])
}

func (s *Server) start(ctx context.Context) error {
	options := &server.Options{}
	err := options.ProcessConfigString(s.options.Topology.Config(s.password))
	if err != nil {
		return fmt.Errorf("configure nats: %w", err)
	}
	options.ServerName = "skep"
	options.JetStream, options.StoreDir, options.SyncAlways = true, s.options.Dir, true
	options.NoSigs, options.NoLog = true, true
	if options.DontListen = s.options.Listen == ""; !options.DontListen {
		if options.Host, options.Port, err = splitAddress(s.options.Listen); err != nil {
			return fmt.Errorf("configure nats: %w", err)
		}
	}
	started, err := server.NewServer(options)
	if err != nil {
		return fmt.Errorf("start nats: %w", err)
	}
	s.mu.Lock()
	s.server = started
	s.mu.Unlock()
	started.Start()
	deadline := time.Now().Add(startTimeout)
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	if !started.ReadyForConnections(time.Until(deadline)) {
		s.Close()
		return errors.New("start nats: not ready in time")
	}
	return nil
}

// Restart stops the server like Close, runs meanwhile with its directory, and starts the server again. Connections of
// this process reconnect automatically.
func (s *Server) Restart(ctx context.Context, meanwhile func(dir string) error) error {
	s.Close()
	if err := meanwhile(s.options.Dir); err != nil {
		return fmt.Errorf("restart nats: %w", err)
	}
	return s.start(ctx)
}

// InProcessConn implements nats.InProcessConnProvider. It connects to the server that runs now.
func (s *Server) InProcessConn() (net.Conn, error) { return s.running().InProcessConn() }

func (s *Server) running() *server.Server {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.server
}

// splitAddress splits a listen address. Port 0 means any free port.
func splitAddress(address string) (string, int, error) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, err
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return "", 0, fmt.Errorf("port %q: %w", text, err)
	}
	if port == 0 {
		port = server.RANDOM_PORT
	}
	return host, port, nil
}

// URL returns the URL of the server, or "" if it does not listen.
func (s *Server) URL() string {
	if s.running().Addr() == nil {
		return ""
	}
	return s.running().ClientURL()
}

// Connect connects to the server as a service.
func (s *Server) Connect(service string) (*nats.Conn, error) { return s.connect(service) }

// ConnectAdmin connects to the server as the administrator of a service's account.
func (s *Server) ConnectAdmin(service string) (*nats.Conn, error) {
	return s.connect(topology.Admin(service))
}

func (s *Server) connect(user string) (*nats.Conn, error) {
	nc, err := nats.Connect("", nats.InProcessServer(s), nats.UserInfo(user, s.passwords[user]),
		nats.Name(user), nats.MaxReconnects(-1))
	if err != nil {
		return nil, fmt.Errorf("connect to nats as %s: %w", user, err)
	}
	return nc, nil
}

// Close stops the server and returns when its files are closed. It disables JetStream first: with JetStream, the
// shutdown of the server sleeps while it holds a lock, and in virtual time it would never wake while another
// goroutine waits for that lock.
func (s *Server) Close() {
	_ = s.running().DisableJetStream() // only clusters return an error
	s.running().Shutdown()
	s.running().WaitForShutdown()
}
