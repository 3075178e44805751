package host

import (
	"context"
	"fmt"
	"os"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/nats-io/nats.go"
	"google.golang.org/grpc"

	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/config"
	"github.com/skep-dev/skep/libs/platform/rpc"
)

// wiring opens the connections that the settings of a process name.
type wiring struct{ config.Process }

// replica is the id of this process among the replicas of a service.
func (s wiring) replica(name string) string {
	if s.Replica != "" {
		return s.Replica
	}
	machine, err := os.Hostname()
	if err != nil {
		machine = name
	}
	return fmt.Sprintf("%s-%d", machine, os.Getpid())
}

// connect connects to NATS as the user of this service.
func (s wiring) connect(service string) (*nats.Conn, error) {
	user := s.NATS.User
	if user == "" {
		user = service
	}
	password, err := s.NATS.Secret()
	if err != nil {
		return nil, err
	}
	return store.Dial(s.NATS.URL, user, password.Reveal())
}

// base is the AWS configuration of a region, without credentials.
func (s wiring) base(ctx context.Context, region string) (aws.Config, error) {
	loaded, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithRegion(region))
	if err != nil {
		return aws.Config{}, fmt.Errorf("load AWS configuration: %w", err)
	}
	if s.AWS.Endpoint != "" {
		loaded.BaseEndpoint = aws.String(s.AWS.Endpoint)
	}
	return loaded, nil
}

// peers connects to the other services.
func (s wiring) peers(token string) func(string) (grpc.ClientConnInterface, error) {
	var mu sync.Mutex
	conns := make(map[string]*grpc.ClientConn)
	return func(name string) (grpc.ClientConnInterface, error) {
		mu.Lock()
		defer mu.Unlock()
		if conns[name] != nil {
			return conns[name], nil
		}
		target := s.Targets.Of(name)
		if target == "" {
			return nil, fmt.Errorf("there is no service %q", name)
		}
		conn, err := rpc.Dial(target, rpc.ClientOptions{Token: token, Plaintext: s.Plaintext})
		if err != nil {
			return nil, err
		}
		conns[name] = conn
		return conn, nil
	}
}
