// Package service is what every service of the suite is given and what it gives
// back, so that one process can run one of them or all.
//
// Services import it, and so does whoever composes them: the mains, the test
// world and `skep up`.
package service

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/nats-io/nats.go"
	"google.golang.org/grpc"

	"github.com/skep-dev/skep/libs/aws/session"
	"github.com/skep-dev/skep/libs/engine/store"
)

// Service is one service of the suite, ready to run.
type Service interface {
	// Register adds its gRPC services to a server.
	Register(grpc.ServiceRegistrar)
	// Run keeps what it declares until ctx ends. It returns nil or what went wrong.
	Run(ctx context.Context) error
	// Ready returns once a service that runs knows everything that is stored, or when
	// ctx ends. Before that it must not be asked: it would answer that nothing exists.
	Ready(ctx context.Context) error
}

// Synced returns once all buckets have been listed, or when ctx ends.
func Synced(ctx context.Context, buckets ...*store.Bucket) error {
	for _, bucket := range buckets {
		if err := bucket.Synced(ctx); err != nil {
			return fmt.Errorf("list bucket %s: %w", bucket.Name(), err)
		}
	}
	return nil
}

// Constructor makes a service from its means. It opens what the service needs
// and starts nothing.
type Constructor func(ctx context.Context, means Dependencies) (Service, error)

// Dependencies is what a service needs to do its work.
type Dependencies struct {
	// Conn is the connection to NATS, as the user of this service.
	Conn *nats.Conn
	// Sessions opens accounts with the role of this service.
	Sessions *session.Pool
	// Installation is the id of this installation, tagged on everything.
	Installation string
	// Replica is the id of this process among the replicas of the service.
	Replica string
	// Group is those of the replicas that share the work; see reconcile.Options.
	Group string
	// Peers connects to the gRPC servers of the suite by service name.
	Peers func(service string) (grpc.ClientConnInterface, error)
	// STS makes the AWS configuration with the credentials of the installation
	// itself, to assume roles with. Only identity is given it.
	STS func(ctx context.Context) (aws.Config, error)
	// Sealer closes and opens the secrets of the service.
	Sealer Sealer
	// Store are options of every bucket; tests break it with them.
	Store store.Options
}

// Sealer closes secrets for keeping and opens them again.
type Sealer interface {
	// Seal closes a secret. Context names what it belongs to: the same is needed
	// to open it.
	Seal(secret []byte, context string) ([]byte, error)
	// Open opens what Seal closed.
	Open(sealed []byte, context string) ([]byte, error)
}

// Bucket opens the bucket of a service: one's own, or the mirror of another's.
func (m Dependencies) Bucket(ctx context.Context, name string) (*store.Bucket, error) {
	bucket, err := store.Open(ctx, m.Conn, name, m.Store)
	if err != nil {
		return nil, fmt.Errorf("open bucket of %s: %w", name, err)
	}
	return bucket, nil
}

// Scratch opens a bucket of what may be lost without harm, such as counts of the
// moment: that it went back or is new holds nothing up. No other service reads it.
func (m Dependencies) Scratch(ctx context.Context, name string) (*store.Bucket, error) {
	m.Store.HighWaterMark, m.Store.Unread = nil, true
	return m.Bucket(ctx, name)
}
