package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/libs/platform/bus/bustest"
	"github.com/skep-dev/skep/libs/platform/topology"
)

// oneService has two services: compute reads the records of network.
var oneService = topology.Topology{
	{Name: "network", Bucket: "network"},
	{Name: "compute", Bucket: "compute", Reads: []topology.Read{{Service: "network", Reason: "subnets"}}},
}

// inBubble runs a test in virtual time against a provisioned server.
func inBubble(t *testing.T, test func(t *testing.T, s *bus.Server)) {
	t.Helper()
	bustest.Run(t, oneService, test)
}

// connect connects as a service until the test ends.
func connect(t *testing.T, s *bus.Server, service string) *nats.Conn {
	t.Helper()
	nc, err := s.Connect(service)
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	return nc
}

// open opens a bucket and runs it until the caller calls the returned function or the
// test ends.
func open(t *testing.T, nc *nats.Conn, bucket string, o store.Options) (*store.Bucket, context.CancelFunc) {
	t.Helper()
	b, err := store.Open(t.Context(), nc, bucket, o)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = b.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	require.NoError(t, b.Synced(ctx))
	return b, cancel
}

// value returns a record that differs from those of other requests.
func value(request string) *recordv1.Record {
	return &recordv1.Record{RequestId: request, WakeTime: timestamppb.New(time.Unix(1, 0))}
}
