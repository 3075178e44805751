// Package suite runs the services of Skep in a test: on a real NATS server with its
// files, over real gRPC, with the real AWS SDK, against simulated AWS, all in one
// synctest bubble, where 15 minutes take milliseconds. Tests kill replicas at any
// moment and start others on the same store.
//
// Only tests import it.
package suite

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"github.com/skep-dev/skep/libs/engine/host"
	"github.com/skep-dev/skep/libs/engine/service"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/libs/platform/bus/bustest"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

// The AWS accounts of a suite: clusters are built in Account, and Skep itself runs in
// Management.
const (
	Account    = "111122223333"
	Management = "444455556666"
)

// leaseTTL is longer than the ten seconds of production: the renewals of leases are most of
// what an hour without work costs.
const leaseTTL = 30 * time.Second

// Options configure a suite.
type Options struct {
	// Services are the services to run, by name.
	Services map[string]service.Constructor
	// AWS are the options of the simulation.
	AWS awssim.Options
	// DirectCredentials gives the services the access keys of Account. Without it they
	// request credentials from the identity service, which must be in Services.
	DirectCredentials bool
	// ResyncPeriod is the resync interval; zero means ten minutes, so that a resync happens
	// within a test.
	ResyncPeriod time.Duration
	// Sealer encrypts secrets; nil stores them in plain text.
	Sealer service.Sealer
	// Fault is called before and after each write to the store; see store.Options.
	Fault func(op, key string, after bool) error
	// HighWaterMark is the directory of the files with the high-water marks; see host.Options.
	HighWaterMark string
	// Installation is the id of the installation; empty means "test".
	Installation string
}

// Suite is one running suite with its store and its simulated AWS.
type Suite struct {
	// AWS is the simulated AWS.
	AWS *awssim.Simulation
	// Host runs the services.
	Host *host.Host

	t       *testing.T
	options Options
	nats    *bus.Server

	mu       sync.Mutex
	running  map[*host.Instance]bool
	replicas int
}

// Run starts a suite in a bubble of its own, with one replica of every service, runs the
// test and stops the suite.
func Run(t *testing.T, options Options, test func(t *testing.T, s *Suite)) {
	t.Helper()
	quiet()
	if os.Getenv("GOGC") == "" {
		// Suites are many and short, so rare garbage collections cost less.
		debug.SetGCPercent(400)
	}
	bustest.Bubble(t, func(t *testing.T) {
		s := open(t, options)
		defer s.close()
		for name := range options.Services {
			s.Start(name)
		}
		test(t, s)
	})
}

func open(t *testing.T, options Options) *Suite {
	t.Helper()
	simulated, err := awssim.New(options.AWS)
	require.NoError(t, err)
	options.Installation = cmp.Or(options.Installation, "test")
	s := &Suite{AWS: simulated, t: t, options: options, nats: bustest.Start(t, nil), running: make(map[*host.Instance]bool)}
	s.provision()
	s.Host = host.New(s.hosting())
	return s
}

func (s *Suite) hosting() host.Options {
	hosting := host.Options{
		Connect:       s.connect,
		Base:          s.base,
		STS:           func(ctx context.Context) (aws.Config, error) { return s.keyed(ctx, Management) },
		Installation:  s.options.Installation,
		HighWaterMark: s.options.HighWaterMark,
		Sealer:        s.options.Sealer,
		ResyncPeriod:  s.options.ResyncPeriod,
		LeaseTTL:      leaseTTL,
		Store:         store.Options{Fault: s.options.Fault},
	}
	if hosting.ResyncPeriod == 0 {
		hosting.ResyncPeriod = 10 * time.Minute
	}
	if hosting.Sealer == nil {
		hosting.Sealer = plain{}
	}
	if s.options.DirectCredentials {
		hosting.Issue = func(ctx context.Context, _ string) (aws.Credentials, error) {
			return credentials.NewStaticCredentialsProvider(s.AWS.AccessKey(Account), "secret", "").Retrieve(ctx)
		}
	}
	return hosting
}

func (s *Suite) base(_ context.Context, region string) (aws.Config, error) {
	config := aws.Config{Region: region}
	s.AWS.Install(&config)
	return config, nil
}

func (s *Suite) keyed(ctx context.Context, account string) (aws.Config, error) {
	config, err := s.base(ctx, "eu-central-1")
	config.Credentials = credentials.NewStaticCredentialsProvider(s.AWS.AccessKey(account), "secret", "")
	return config, err
}

// Start starts one more replica of a service.
func (s *Suite) Start(name string) *host.Instance {
	s.t.Helper()
	return s.start(name, s.options.Services[name])
}

// StartIsolated starts a replica in a replica group of its own. It holds the leases of all
// shards of its group, so it reconciles every key, and so do the other replicas.
func (s *Suite) StartIsolated(name string) *host.Instance {
	s.t.Helper()
	return s.start(name, func(ctx context.Context, dependencies service.Dependencies) (service.Service, error) {
		dependencies.Group = "apart"
		return s.options.Services[name](ctx, dependencies)
	})
}

func (s *Suite) start(name string, construct service.Constructor) *host.Instance {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.replicas++
	instance, err := s.Host.Open(context.Background(), name, fmt.Sprintf("%s-%d", name, s.replicas), construct)
	if err != nil {
		s.t.Errorf("start %s: %v", name, err)
		return nil
	}
	s.running[instance] = true
	go func() {
		if err := instance.Run(context.Background()); err != nil {
			slog.Warn("replica ended", "replica", instance.Replica, "error", err)
		}
	}()
	return instance
}

// Kill ends a replica as a crash does, and waits until all its goroutines have ended.
func (s *Suite) Kill(instance *host.Instance) {
	instance.Kill()
	instance.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.running, instance)
}

// Running lists the running replicas of a service.
func (s *Suite) Running(name string) []*host.Instance {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []*host.Instance
	for instance := range s.running {
		if instance.Name == name {
			found = append(found, instance)
		}
	}
	return found
}

// Client returns a connection to a service, which reaches any running replica.
func (s *Suite) Client(name string) grpc.ClientConnInterface {
	s.t.Helper()
	conn, err := s.Host.Peer(name)
	require.NoError(s.t, err)
	return conn
}

func (s *Suite) close() {
	for name := range s.options.Services {
		for _, instance := range s.Running(name) {
			s.Kill(instance)
		}
	}
	_ = s.AWS.Close()
}

// plain stores secrets in plain text, for tests of other subjects.
type plain struct{}

func (plain) Seal(secret []byte, _ string) ([]byte, error) { return secret, nil }
func (plain) Open(sealed []byte, _ string) ([]byte, error) { return sealed, nil }

// quiet discards the log of the services unless SKEP_TEST_LOG is set.
func quiet() {
	if os.Getenv("SKEP_TEST_LOG") == "" {
		slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	}
}
