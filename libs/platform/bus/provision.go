package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/skep-dev/skep/libs/platform/topology"
)

// streamExists is the JetStream error code for a stream that exists with other settings.
const streamExists = 10058

// Provision creates the streams of the topology, or updates their settings: in each account a bucket, the leases, the
// audit lines, and mirrors of the buckets that the service reads; in the account of the gateway also the events, in
// the account of identity the budgets. It is idempotent and may run while services run. admin connects to the account
// of a service as its administrator; Provision closes the connections.
//
// replicas is 1 for one server, 3 for a cluster over three zones.
func Provision(ctx context.Context, admin func(service string) (*nats.Conn, error), t topology.Topology, replicas int) error {
	accounts := map[string]*nats.Conn{}
	for _, s := range t {
		nc, err := admin(s.Name)
		if err != nil {
			return fmt.Errorf("connect to account of %s: %w", s.Name, err)
		}
		defer nc.Close()
		accounts[s.Name] = nc
	}
	for _, s := range t {
		streams := []server.StreamConfig{bucketStream(s.Bucket, replicas), leasesStream(replicas), auditStream(replicas)}
		if s.Events {
			streams = append(streams, eventsStream(replicas))
		}
		if s.Budgets {
			streams = append(streams, bucketStream(Budgets, replicas))
		}
		for _, c := range streams {
			if err := ensureStream(ctx, accounts[s.Name], c); err != nil {
				return fmt.Errorf("create stream %s of %s: %w", c.Name, s.Name, err)
			}
		}
	}
	for _, s := range t {
		for _, r := range s.Reads {
			if err := ensureMirror(ctx, accounts, t, r.Service, s.Name, replicas); err != nil {
				return fmt.Errorf("mirror %s for %s: %w", r.Service, s.Name, err)
			}
		}
	}
	return nil
}

// ensureMirror creates the consumer in the owner's account first: the mirror requests it when it starts.
func ensureMirror(ctx context.Context, accounts map[string]*nats.Conn, t topology.Topology, owner, reader string, replicas int) error {
	name := topology.StreamName(t.Bucket(owner))
	create := server.CreateConsumerRequest{Stream: name, Config: consumer(owner, reader)}
	if err := call(ctx, accounts[owner], "CONSUMER.CREATE."+name+"."+topology.MirrorConsumer(reader), create); err != nil {
		return fmt.Errorf("create consumer: %w", err)
	}
	return ensureStream(ctx, accounts[reader], mirrorStream(t, owner, reader, replicas))
}

// ensureStream creates the stream or updates its settings.
func ensureStream(ctx context.Context, nc *nats.Conn, c server.StreamConfig) error {
	err := call(ctx, nc, "STREAM.CREATE."+c.Name, c)
	var refused *server.ApiError
	if errors.As(err, &refused) && refused.ErrCode == streamExists {
		if c, err = withMetadata(ctx, nc, c); err != nil {
			return err
		}
		err = call(ctx, nc, "STREAM.UPDATE."+c.Name, c)
	}
	return err
}

// call sends a request to the JetStream API of an account and retries it.
func call(ctx context.Context, nc *nats.Conn, api string, request any) error {
	body, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("encode request: %w", err)
	}
	return Retry(ctx, func(ctx context.Context) error { return ask(ctx, nc, server.JSApiPrefix+"."+api, body) })
}

// ask sends one request. It uses the types of the server, because the client library does not support mirrors with a
// consumer that exists already.
func ask(ctx context.Context, nc *nats.Conn, subject string, body []byte) error {
	reply, err := nc.RequestWithContext(ctx, subject, body)
	if err != nil {
		return err
	}
	var answer server.ApiResponse
	if err := json.Unmarshal(reply.Data, &answer); err != nil {
		return fmt.Errorf("decode answer: %w", err)
	}
	if answer.Error != nil {
		return answer.Error
	}
	return nil
}
