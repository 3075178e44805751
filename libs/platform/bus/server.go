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
)

// startTimeout is how long a server may take to be ready. With 100,000 records
// it takes a second or two.
const startTimeout = 30 * time.Second

// Options are the settings of a [Server].
type Options struct {
	// Dir is where JetStream keeps its files. It must be given.
	Dir string
	// Topology is what the server is for; without it, [Suite].
	Topology Topology
	// Listen is an address such as 127.0.0.1:4222. Without it the server is
	// reached only from within the process.
	Listen string
}

// A Server is a NATS server inside the process, with JetStream on files that
// are synced at every write. Its passwords are made anew at every start and
// known to this process only.
type Server struct {
	options   Options
	passwords map[string]string

	mu     sync.Mutex
	server *server.Server
}

// Start runs a server until Close. It makes no streams: see [Provision].
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.Dir == "" {
		return nil, errors.New("start nats: no directory for its files")
	}
	if o.Topology == nil {
		o.Topology = Suite()
	}
	s := &Server{options: o, passwords: map[string]string{}}
	if err := s.start(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// password is that of a user, which lasts as long as the process.
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

// Restart stops the server as Close does, lets the caller do something to its
// directory, and starts it again. Connections of this process come back by themselves.
func (s *Server) Restart(ctx context.Context, meanwhile func(dir string) error) error {
	s.Close()
	if err := meanwhile(s.options.Dir); err != nil {
		return fmt.Errorf("restart nats: %w", err)
	}
	return s.start(ctx)
}

// InProcessConn connects to the server that runs now; nats.go asks for it.
func (s *Server) InProcessConn() (net.Conn, error) { return s.running().InProcessConn() }

func (s *Server) running() *server.Server {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.server
}

// splitAddress parts a listen address. Port 0 means any free port.
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

// URL is where the server listens, or "" if it does not.
func (s *Server) URL() string {
	if s.running().Addr() == nil {
		return ""
	}
	return s.running().ClientURL()
}

// Connect connects to the server as a service.
func (s *Server) Connect(service string) (*nats.Conn, error) { return s.connect(service) }

// ConnectAdmin connects to the server as the administrator of a service's account.
func (s *Server) ConnectAdmin(service string) (*nats.Conn, error) { return s.connect(Admin(service)) }

func (s *Server) connect(user string) (*nats.Conn, error) {
	nc, err := nats.Connect("", nats.InProcessServer(s), nats.UserInfo(user, s.passwords[user]),
		nats.Name(user), nats.MaxReconnects(-1))
	if err != nil {
		return nil, fmt.Errorf("connect to nats as %s: %w", user, err)
	}
	return nc, nil
}

// Close stops the server and returns when its files are closed. JetStream goes
// first: a server that still has it sleeps in its shutdown with a lock held, and where
// time is virtual it would not wake while anybody waits for that lock.
func (s *Server) Close() {
	_ = s.running().DisableJetStream() // It has an error for clusters only.
	s.running().Shutdown()
	s.running().WaitForShutdown()
}
