package bench_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/libs/platform/topology"
	"github.com/skep-dev/skep/test/bench"
)

// TestWrite measures a write of the store, from the call until the cache of the writer shows
// it, against one acknowledged compare-and-swap of the same bytes in the same stream. Both
// are synced to the disk.
func TestWrite(t *testing.T) {
	inRealTime(t)
	record := networkRecord(t)
	payload, err := proto.MarshalOptions{Deterministic: true}.Marshal(record)
	require.NoError(t, err)
	nats, err := bus.Start(t.Context(), bus.Options{Dir: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(nats.Close)
	require.NoError(t, bus.Provision(t.Context(), nats.ConnectAdmin, topology.Suite(), 1))

	bare := swap{t: t, js: streams(t, nats), payload: payload, revision: new(uint64)}
	bucket := openBucket(t, nats)
	var revision uint64
	result := comparison{
		limit: bare.write,
		subject: func() error {
			var err error
			revision, err = bucket.Put(t.Context(), "networks/demo/subject", record, revision)
			return err
		},
	}.measure(t)
	note(t, bench.Figure{Name: fmt.Sprintf("write of a record of %d bytes ÷ one compare-and-swap", len(payload)), Value: result.Ratio,
		Limit: bench.Limit(1), Target: bench.AtMost(1.3), Detail: result.String()})
	writeHeap(t)
}

// networkRecord returns the record of the network of a READY cluster.
func networkRecord(t *testing.T) *recordv1.Record {
	t.Helper()
	record := new(recordv1.Record)
	for _, e := range collect(t).entries {
		if strings.HasPrefix(e.subject, "$KV.network.networks/") {
			require.NoError(t, proto.Unmarshal(e.data, record))
		}
	}
	require.NotEmpty(t, record.GetLedger())
	return record
}

func streams(t *testing.T, nats *bus.Server) jetstream.JetStream {
	t.Helper()
	js, err := jetstream.New(connect(t, nats))
	require.NoError(t, err)
	return js
}

func connect(t *testing.T, server *bus.Server) *nats.Conn {
	t.Helper()
	conn, err := server.Connect("network")
	require.NoError(t, err)
	t.Cleanup(conn.Close)
	return conn
}

// openBucket opens the bucket of the network service and runs its cache.
func openBucket(t *testing.T, server *bus.Server) *store.Bucket {
	t.Helper()
	bucket, err := store.Open(t.Context(), connect(t, server), "network", store.Options{})
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- bucket.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
	})
	require.NoError(t, bucket.Synced(ctx))
	return bucket
}

// swap writes one key repeatedly, as a key-value client does.
type swap struct {
	t        *testing.T
	js       jetstream.JetStream
	payload  []byte
	revision *uint64
}

func (s swap) write() error {
	ack, err := s.js.PublishMsg(s.t.Context(), &nats.Msg{Subject: "$KV.network.networks/demo/limit", Data: s.payload},
		jetstream.WithExpectLastSequencePerSubject(*s.revision))
	if err == nil {
		*s.revision = ack.Sequence
	}
	return err
}
