// Package host runs services in one process: each with its own connection to NATS, its own
// gRPC server and its own credentials for AWS, as if it ran alone. `skep up` and the suite
// of tests host all services, the main of a service hosts one.
//
// A reader starts at main.go, the wiring of a process, and goes on with host.go.
package host

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/nats-io/nats.go"
	"google.golang.org/grpc"

	"github.com/skep-dev/skep/libs/aws/ratelimit"
	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/service"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/audit"
	"github.com/skep-dev/skep/libs/platform/rpc"
)

// Options are the connections and settings that a host passes to its services.
type Options struct {
	// Connect connects to NATS as the user of a service.
	Connect func(service string) (*nats.Conn, error)
	// Base returns the AWS configuration of a region, without credentials.
	Base func(ctx context.Context, region string) (aws.Config, error)
	// STS returns the AWS configuration with the credentials of the installation itself.
	// Only the identity service gets it.
	STS func(ctx context.Context) (aws.Config, error)
	// Issue returns credentials for an account. Nil requests them from the identity service,
	// which then also shares the API budget of the account among all replicas.
	Issue func(ctx context.Context, account string) (aws.Credentials, error)
	// TimeScale is the factor by which AWS runs faster than the wall clock; zero means 1.
	TimeScale float64
	// LeaseTTL is the time after its death during which a replica counts as alive; zero means
	// ten seconds.
	LeaseTTL time.Duration
	// ResyncPeriod is the interval of resyncs; zero means 48 hours.
	ResyncPeriod time.Duration
	// Installation is the id of this installation.
	Installation string
	// Sealer seals and opens secrets.
	Sealer service.Sealer
	// Peers connects to services that this host does not run; nil connects to none.
	Peers func(service string) (grpc.ClientConnInterface, error)
	// Server are the options of every gRPC server.
	Server rpc.ServerOptions
	// Store are options of every bucket.
	Store store.Options
	// HighWaterMark is the directory with the high-water mark of each service. Empty keeps
	// the marks in memory only.
	HighWaterMark string
}

// Host runs services. It is safe for concurrent use.
type Host struct {
	options Options
	alone   *ratelimit.Local

	mu        sync.Mutex
	instances map[string][]*Instance
}

// New returns a host without services.
func New(options Options) *Host {
	if options.TimeScale <= 0 {
		options.TimeScale = 1
	}
	return &Host{options: options, alone: ratelimit.NewLocal(options.TimeScale),
		instances: make(map[string][]*Instance)}
}

// Open creates one replica of a service. It starts nothing: see Instance.Run.
func (h *Host) Open(ctx context.Context, name, replica string, construct service.Constructor) (*Instance, error) {
	conn, err := h.options.Connect(name)
	if err != nil {
		return nil, fmt.Errorf("connect %s to nats: %w", name, err)
	}
	lines, err := audit.Open(conn, audit.Origin{
		Installation: h.options.Installation, Service: name, Replica: replica, Principal: "skep-" + name,
	})
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	water, err := store.OpenHighWaterMark(h.highWater(name), h.options.Installation)
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	kept := h.options.Store
	kept.HighWaterMark = water
	dependencies := service.Dependencies{
		Conn: conn, Installation: h.options.Installation, Replica: replica, Sealer: h.options.Sealer,
		Sessions: session.New(session.Options{
			Installation: h.options.Installation, Base: h.options.Base, Issue: h.issuer(name),
			TimeScale: h.options.TimeScale, ResyncPeriod: h.options.ResyncPeriod, Limiter: ratelimit.New(h.source(name, replica)), Audit: lines, MutationGuard: water.RolledBack,
		}),
		Peers: h.Peer, LeaseTTL: h.options.LeaseTTL, Store: kept,
	}
	if name == identity {
		dependencies.STS = h.options.STS
	}
	opened, err := construct(ctx, dependencies)
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	instance := newInstance(name, replica, conn, opened, rpc.NewServer(h.options.Server))
	instance.lines, instance.highWaterMark = lines, water
	instance.closed = h.forget
	h.mu.Lock()
	defer h.mu.Unlock()
	h.instances[name] = append(h.instances[name], instance)
	return instance, nil
}

// highWater is the file with the high-water mark of a service.
func (h *Host) highWater(name string) string {
	if h.options.HighWaterMark == "" {
		return ""
	}
	return filepath.Join(h.options.HighWaterMark, name+".json")
}

func (h *Host) forget(gone *Instance) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.instances[gone.Name] = slices.DeleteFunc(h.instances[gone.Name], func(i *Instance) bool { return i == gone })
}
