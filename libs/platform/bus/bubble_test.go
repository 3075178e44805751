package bus_test

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/libs/platform/bus/bustest"
)

// inBubble runs a test in virtual time against a provisioned server of the suite.
func inBubble(t *testing.T, test func(t *testing.T, s *bus.Server)) {
	t.Helper()
	bustest.Run(t, nil, test)
}

// as connects as a service.
func as(t *testing.T, s *bus.Server, service string) (*nats.Conn, jetstream.JetStream) {
	t.Helper()
	nc, err := s.Connect(service)
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(2*time.Second))
	require.NoError(t, err)
	return nc, js
}

// records opens a bucket through the key-value interface.
func records(t *testing.T, js jetstream.JetStream, bucket string) jetstream.KeyValue {
	t.Helper()
	kv, err := js.KeyValue(t.Context(), bucket)
	require.NoError(t, err)
	return kv
}

// soon returns a context that ends in a second. In a bubble, use only the calls of the NATS client that take a
// context: the others share their timers across the process.
func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	t.Cleanup(cancel)
	return ctx
}
