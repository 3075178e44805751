// Package suite is the suite in a test: services on a real NATS server with its
// files, over real gRPC, with the real AWS SDK, against simulated AWS, all in
// one synctest bubble, where a quarter of an hour takes milliseconds. Replicas
// can be killed at any moment and started anew on the same store.
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
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/nats-io/nats-server/v2/server/ats"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"github.com/skep-dev/skep/libs/engine/host"
	"github.com/skep-dev/skep/libs/engine/service"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/bus"
	awssim "github.com/skep-dev/skep/libs/sim/aws"
)

// AWS accounts of a world: the one that clusters are built in, and the one that
// Skep itself runs in.
const (
	Account    = "111122223333"
	Management = "444455556666"
)

// Options say what a world is made of.
type Options struct {
	// Services are the services to run, by name.
	Services map[string]service.Constructor
	// AWS are the options of the simulation.
	AWS awssim.Options
	// DirectCredentials gives services the keys of the account itself. Without it they ask
	// the identity service, which must then be among the services.
	DirectCredentials bool
	// ResyncPeriod is how often everything is looked at; zero means every ten minutes, so
	// that a test sees it.
	ResyncPeriod time.Duration
	// Sealer keeps secrets; nil keeps them as they are.
	Sealer service.Sealer
	// Fault is called before and after each write to the store; see store.Options.
	Fault func(op, key string, after bool) error
	// HighWaterMark is where services remember how far the store had come; see host.Options.
	HighWaterMark string
	// Installation is the id of the installation; empty is "test".
	Installation string
}

// Suite is one suite with its store and its AWS.
type Suite struct {
	// AWS is the simulation.
	AWS *awssim.World
	// Host runs the services.
	Host *host.Host

	t       *testing.T
	options Options
	nats    *bus.Server

	mu       sync.Mutex
	running  map[*host.Instance]bool
	replicas int
}

// Run opens a world in a bubble of its own, with one replica of every service,
// and closes it after the test.
func Run(t *testing.T, options Options, test func(t *testing.T, w *Suite)) {
	t.Helper()
	quiet()
	// The clock of the server's access times belongs to the process, not to a bubble.
	ats.Register()
	defer ats.Unregister()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, options)
		defer w.close()
		for name := range options.Services {
			w.Start(name)
		}
		test(t, w)
	})
}

func open(t *testing.T, options Options) *Suite {
	t.Helper()
	world, err := awssim.New(options.AWS)
	require.NoError(t, err)
	nats, err := bus.Start(context.Background(), bus.Options{Dir: t.TempDir()})
	require.NoError(t, err)
	options.Installation = cmp.Or(options.Installation, "test")
	w := &Suite{AWS: world, t: t, options: options, nats: nats, running: make(map[*host.Instance]bool)}
	w.provision()
	w.Host = host.New(w.hosting())
	return w
}

func (w *Suite) hosting() host.Options {
	hosting := host.Options{
		Connect:       w.connect,
		Base:          w.base,
		STS:           func(ctx context.Context) (aws.Config, error) { return w.keyed(ctx, Management) },
		Installation:  w.options.Installation,
		HighWaterMark: w.options.HighWaterMark,
		Sealer:        w.options.Sealer,
		ResyncPeriod:  w.options.ResyncPeriod,
		Store:         store.Options{Fault: w.options.Fault},
	}
	if hosting.ResyncPeriod == 0 {
		hosting.ResyncPeriod = 10 * time.Minute
	}
	if hosting.Sealer == nil {
		hosting.Sealer = plain{}
	}
	if w.options.DirectCredentials {
		hosting.Issue = func(ctx context.Context, _ string) (aws.Credentials, error) {
			return credentials.NewStaticCredentialsProvider(w.AWS.AccessKey(Account), "secret", "").Retrieve(ctx)
		}
	}
	return hosting
}

func (w *Suite) base(_ context.Context, region string) (aws.Config, error) {
	config := aws.Config{Region: region}
	w.AWS.Install(&config)
	return config, nil
}

func (w *Suite) keyed(ctx context.Context, account string) (aws.Config, error) {
	config, err := w.base(ctx, "eu-central-1")
	config.Credentials = credentials.NewStaticCredentialsProvider(w.AWS.AccessKey(account), "secret", "")
	return config, err
}

// Start starts one more replica of a service.
func (w *Suite) Start(name string) *host.Instance {
	w.t.Helper()
	return w.start(name, w.options.Services[name])
}

// StartIsolated starts a replica that shares nothing with the others: it holds
// everything to be its own, and so do they.
func (w *Suite) StartIsolated(name string) *host.Instance {
	w.t.Helper()
	return w.start(name, func(ctx context.Context, means service.Dependencies) (service.Service, error) {
		means.Group = "apart"
		return w.options.Services[name](ctx, means)
	})
}

func (w *Suite) start(name string, construct service.Constructor) *host.Instance {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.replicas++
	instance, err := w.Host.Open(context.Background(), name, fmt.Sprintf("%s-%d", name, w.replicas), construct)
	if err != nil {
		w.t.Errorf("start %s: %v", name, err)
		return nil
	}
	w.running[instance] = true
	go func() {
		if err := instance.Run(context.Background()); err != nil {
			slog.Warn("replica ended", "replica", instance.Replica, "error", err)
		}
	}()
	return instance
}

// Kill ends a replica as a crash would, and waits until the last of it is gone.
func (w *Suite) Kill(instance *host.Instance) {
	instance.Kill()
	instance.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.running, instance)
}

// Running lists the replicas of a service.
func (w *Suite) Running(name string) []*host.Instance {
	w.mu.Lock()
	defer w.mu.Unlock()
	var found []*host.Instance
	for instance := range w.running {
		if instance.Name == name {
			found = append(found, instance)
		}
	}
	return found
}

// Client connects to a service, to whichever replica is alive.
func (w *Suite) Client(name string) grpc.ClientConnInterface {
	w.t.Helper()
	conn, err := w.Host.Peer(name)
	require.NoError(w.t, err)
	return conn
}

func (w *Suite) close() {
	for name := range w.options.Services {
		for _, instance := range w.Running(name) {
			w.Kill(instance)
		}
	}
	w.nats.Close()
	_ = w.AWS.Close()
	// Some goroutines of the server outlive its shutdown for a moment.
	time.Sleep(time.Minute)
}

// plain keeps secrets as they are, where a test is not about them.
type plain struct{}

func (plain) Seal(secret []byte, _ string) ([]byte, error) { return secret, nil }
func (plain) Open(sealed []byte, _ string) ([]byte, error) { return sealed, nil }

// quiet keeps the log of the services out of the way unless SKEP_TEST_LOG is set.
func quiet() {
	if os.Getenv("SKEP_TEST_LOG") == "" {
		slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	}
}
