package bus

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"strconv"
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
	server    *server.Server
	passwords map[string]string
}

// Start runs a server until Close. It makes no streams: see [Provision].
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.Dir == "" {
		return nil, errors.New("start nats: no directory for its files")
	}
	if o.Topology == nil {
		o.Topology = Suite()
	}
	s := &Server{passwords: map[string]string{}}
	options := &server.Options{}
	err := options.ProcessConfigString(o.Topology.Config(func(user string) string {
		s.passwords[user] = rand.Text()
		return strconv.Quote(s.passwords[user])
	}))
	if err != nil {
		return nil, fmt.Errorf("configure nats: %w", err)
	}
	options.ServerName = "skep"
	options.JetStream, options.StoreDir, options.SyncAlways = true, o.Dir, true
	options.NoSigs, options.NoLog = true, true
	if options.DontListen = o.Listen == ""; !options.DontListen {
		if options.Host, options.Port, err = splitAddress(o.Listen); err != nil {
			return nil, fmt.Errorf("configure nats: %w", err)
		}
	}
	if s.server, err = server.NewServer(options); err != nil {
		return nil, fmt.Errorf("start nats: %w", err)
	}
	s.server.Start()
	deadline := time.Now().Add(startTimeout)
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	if !s.server.ReadyForConnections(time.Until(deadline)) {
		s.Close()
		return nil, errors.New("start nats: not ready in time")
	}
	return s, nil
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
	if s.server.Addr() == nil {
		return ""
	}
	return s.server.ClientURL()
}

// Connect connects to the server as a service.
func (s *Server) Connect(service string) (*nats.Conn, error) { return s.connect(service) }

// ConnectAdmin connects to the server as the administrator of a service's account.
func (s *Server) ConnectAdmin(service string) (*nats.Conn, error) { return s.connect(Admin(service)) }

func (s *Server) connect(user string) (*nats.Conn, error) {
	nc, err := nats.Connect("", nats.InProcessServer(s.server), nats.UserInfo(user, s.passwords[user]),
		nats.Name(user), nats.MaxReconnects(-1))
	if err != nil {
		return nil, fmt.Errorf("connect to nats as %s: %w", user, err)
	}
	return nc, nil
}

// Close stops the server and returns when its files are closed.
func (s *Server) Close() {
	s.server.Shutdown()
	s.server.WaitForShutdown()
}
