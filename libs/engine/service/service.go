// Package service is the contract between a service and the process that hosts it: its
// dependencies, how it is constructed, and how it runs. New composes a service of its
// object types.
//
// Services and the gateway import it, and so does libs/engine/host, which runs them.
package service

import (
	"context"
	"fmt"
	"time"

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
	// Run reconciles until ctx ends. It returns nil or the error that ended it.
	Run(ctx context.Context) error
	// Ready returns once a running service has read all stored records, or when ctx ends.
	// Before that it must not serve: it would answer that no object exists.
	Ready(ctx context.Context) error
}

// Synced returns once all buckets are read, or when ctx ends.
func Synced(ctx context.Context, buckets ...*store.Bucket) error {
	for _, bucket := range buckets {
		if err := bucket.Synced(ctx); err != nil {
			return fmt.Errorf("list bucket %s: %w", bucket.Name(), err)
		}
	}
	return nil
}

// Constructor creates a service from its dependencies. It opens connections and buckets
// and starts nothing.
type Constructor func(ctx context.Context, dependencies Dependencies) (Service, error)

// Dependencies are the connections and settings of a service.
type Dependencies struct {
	// Conn is the connection to NATS, as the user of this service.
	Conn *nats.Conn
	// Sessions opens accounts in regions, with the role of this service.
	Sessions *session.Pool
	// Installation is the id of this installation, a tag of every resource.
	Installation string
	// Replica is the id of this process among the replicas of the service.
	Replica string
	// Group names the replicas that share the work; see queue.Options.
	Group string
	// Peers connects to the gRPC servers of other services, by name.
	Peers func(service string) (grpc.ClientConnInterface, error)
	// STS returns the AWS configuration with the credentials of the installation itself,
	// which assumes roles. Only the identity service gets it.
	STS func(ctx context.Context) (aws.Config, error)
	// Sealer seals and opens the secrets of the service.
	Sealer Sealer
	// LeaseTTL is the time after its death during which a replica counts as alive; see
	// queue.Options.
	LeaseTTL time.Duration
	// Store are the options of every bucket; tests inject faults with them.
	Store store.Options
}

// Sealer encrypts secrets for storage.
type Sealer interface {
	// Seal encrypts a secret. Context names its owner; Open needs the same context.
	Seal(secret []byte, context string) ([]byte, error)
	// Open decrypts the result of Seal.
	Open(sealed []byte, context string) ([]byte, error)
}

// Bucket opens a bucket: the own one of the service, or the mirror of another.
func (m Dependencies) Bucket(ctx context.Context, name string) (*store.Bucket, error) {
	bucket, err := store.Open(ctx, m.Conn, name, m.Store)
	if err != nil {
		return nil, fmt.Errorf("open bucket of %s: %w", name, err)
	}
	return bucket, nil
}

// Scratch opens a bucket whose contents may be lost without harm, such as counters. A
// rollback of the bucket blocks nothing, and no other service reads it.
func (m Dependencies) Scratch(ctx context.Context, name string) (*store.Bucket, error) {
	m.Store.HighWaterMark, m.Store.NoMirrors = nil, true
	return m.Bucket(ctx, name)
}
