// Package allinone runs the whole suite in one process: an embedded NATS server, the
// five services and the gateway, on simulated or real AWS. `skep up` and `skep demo`
// use it.
package allinone

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/skep-dev/skep/gateway"
	"github.com/skep-dev/skep/libs/engine/host"
	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/platform/process"
	"github.com/skep-dev/skep/libs/platform/rpc"
	"github.com/skep-dev/skep/libs/platform/seal"
	"github.com/skep-dev/skep/libs/platform/topology"
)

// Options configure the suite.
type Options struct {
	// DataDir is the directory of the state, the keys and the admin token.
	DataDir string
	// ListenREST and ListenGRPC are the public addresses. ListenNATS is the address of
	// NATS for other processes; empty means that NATS does not listen.
	ListenREST, ListenGRPC, ListenNATS string
	// AWS selects the AWS.
	AWS AWSOptions
	// Ready is called once, when the suite serves. Nil is allowed.
	Ready func(*Suite)
}

// Suite is a running suite.
type Suite struct {
	// REST and GRPC are the addresses of the listeners.
	REST, GRPC string
	// Token is the admin token, TokenFile the path of its file.
	Token, TokenFile string
	// Installation is the id of the installation.
	Installation string
	// AWS is the AWS of the suite.
	AWS *AWS

	host     *host.Host
	gateway  *host.Instance
	public   *rpc.Server
	parts    []func(context.Context) error
	closings []func()
}

// Run opens the suite and serves it until ctx ends.
func Run(ctx context.Context, options Options) error {
	s := &Suite{}
	defer s.close()
	if err := s.open(ctx, options); err != nil {
		return err
	}
	rest, err := listen(ctx, options.ListenREST)
	if err != nil {
		return err
	}
	grpc, err := listen(ctx, options.ListenGRPC)
	if err != nil {
		return errors.Join(err, rest.Close())
	}
	s.REST, s.GRPC = rest.Addr().String(), grpc.Addr().String()
	s.parts = append(s.parts, s.gateway.Once(s.public.ServeListener(grpc)), s.gateway.Once(s.serveREST(rest)), func(ctx context.Context) error {
		if err := s.AWS.prepare(ctx, s.host); err != nil {
			return err
		}
		if options.Ready != nil {
			options.Ready(s)
		}
		return nil
	})
	return process.All(ctx, s.parts...)
}

// open opens NATS, AWS and the other dependencies of the services, then the services.
func (s *Suite) open(ctx context.Context, options Options) error {
	if err := os.MkdirAll(options.DataDir, 0o700); err != nil {
		return fmt.Errorf("create data directory: %w", err)
	}
	if err := s.lock(options.DataDir); err != nil {
		return err
	}
	var err error
	s.TokenFile = filepath.Join(options.DataDir, "admin.token")
	if s.Token, err = rpc.LocalToken(s.TokenFile); err != nil {
		return err
	}
	sealer, err := seal.Open(filepath.Join(options.DataDir, "seal.key"))
	if err != nil {
		return err
	}
	nats, err := s.openNATS(ctx, options)
	if err != nil {
		return err
	}
	if s.AWS, err = openAWS(options.AWS, options.DataDir); err != nil {
		return err
	}
	s.closings = append(s.closings, s.AWS.close)
	s.host = host.New(host.Options{
		Connect: nats.Connect, Base: s.AWS.base, STS: s.AWS.own, TimeScale: s.AWS.timeScale, ResyncPeriod: options.AWS.ResyncPeriod,
		Installation: s.Installation, Sealer: sealer, HighWaterMark: filepath.Join(options.DataDir, "high-water"),
	})
	return s.openServices(ctx)
}

// AdminsFile returns the path of the file with the NATS address and credentials for
// administrators. It exists while a suite with ListenNATS runs.
func AdminsFile(dataDir string) string { return filepath.Join(dataDir, "nats.admins") }

// Offline opens the NATS of a data directory, which no suite may use, until the caller
// calls closeAll. While a suite uses it, Offline returns a fault of kind Precondition.
func Offline(ctx context.Context, dataDir string) (nats *bus.Server, closeAll func(), err error) {
	s := &Suite{}
	if _, err := os.Stat(dataDir); err != nil {
		return nil, nil, fault.Invalidf("--data-dir: %s", err).Because(err)
	}
	if err := s.lock(dataDir); err != nil {
		return nil, nil, err
	}
	if nats, err = bus.Start(ctx, bus.Options{Dir: natsDir(dataDir)}); err != nil {
		s.close()
		return nil, nil, err
	}
	s.closings = append(s.closings, nats.Close)
	return nats, s.close, nil
}

// natsDir returns the directory of the embedded NATS server.
func natsDir(dataDir string) string { return filepath.Join(dataDir, "nats") }

// lock keeps a second suite out of the data directory. The operating system releases
// the lock when the process ends, also after a crash.
func (s *Suite) lock(dir string) error {
	lock := flock.New(filepath.Join(dir, "lock"))
	free, err := lock.TryLock()
	if err != nil {
		return fmt.Errorf("lock data directory: %w", err)
	}
	if !free {
		return &fault.Fault{Kind: fault.Precondition, Class: fault.Configuration, Message: dir + " is in use by another suite",
			Remedy: "Stop the other suite, or choose another directory with --data-dir."}
	}
	s.closings = append(s.closings, func() { _ = lock.Close() })
	return nil
}

// openNATS starts the embedded server and creates the streams.
func (s *Suite) openNATS(ctx context.Context, options Options) (*bus.Server, error) {
	nats, err := bus.Start(ctx, bus.Options{Dir: natsDir(options.DataDir), Listen: options.ListenNATS})
	if err != nil {
		return nil, err
	}
	s.closings = append(s.closings, nats.Close)
	if err := s.admit(nats, options); err != nil {
		return nil, err
	}
	if err := bus.Provision(ctx, nats.ConnectAdmin, topology.Suite(), 1); err != nil {
		return nil, err
	}
	admin, err := nats.ConnectAdmin(gateway.Name)
	if err != nil {
		return nil, err
	}
	defer admin.Close()
	if s.Installation, err = bus.Installation(ctx, admin, 1); err != nil {
		return nil, err
	}
	return nats, bus.RecordInstallation(ctx, nats.ConnectAdmin, topology.Suite(), s.Installation)
}

// admit lets administrators connect from other processes, if NATS listens. Otherwise it
// removes the file of an earlier suite that was killed, since its credentials are void.
func (s *Suite) admit(nats *bus.Server, options Options) error {
	file := AdminsFile(options.DataDir)
	s.closings = append(s.closings, func() { _ = os.Remove(file) })
	if options.ListenNATS == "" {
		return os.RemoveAll(file)
	}
	return nats.WriteAdmins(file)
}

// openServices opens one replica of every service, the gateway last.
func (s *Suite) openServices(ctx context.Context) error {
	replica := fmt.Sprintf("%d", os.Getpid())
	for _, one := range services {
		instance, err := s.host.Open(ctx, one.name, one.name+"-"+replica, one.construct)
		if err != nil {
			return err
		}
		s.parts = append(s.parts, instance.Run)
		s.gateway = instance
	}
	s.public = rpc.NewServer(rpc.ServerOptions{Warning: s.gateway.Warning, Authenticate: rpc.TokenAuthenticator(map[string]rpc.Principal{
		s.Token: {Name: "admin", Roles: []string{"admin"}},
	})})
	s.gateway.Register(s.public)
	return nil
}

// serveREST serves the REST face, which calls the public gRPC server in process.
func (s *Suite) serveREST(listener net.Listener) func(context.Context) error {
	return gateway.ServeREST(listener, s.public.Loopback())
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fault.Fault{Kind: fault.Precondition, Class: fault.Configuration, Message: fmt.Sprintf("cannot listen on %s: %v", address, err),
			Remedy: "Stop the process that listens there, perhaps another `skep up`, or choose other addresses with --listen-rest and --listen-grpc."}.Because(err)
	}
	return listener, nil
}

// close closes everything that open opened, in reverse order.
func (s *Suite) close() {
	for len(s.closings) > 0 {
		last := len(s.closings) - 1
		s.closings[last]()
		s.closings = s.closings[:last]
	}
}
