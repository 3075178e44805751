package bench_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/libs/platform/topology"
)

// stock fills a state directory with the records of n clusters, through a server
// of its own that does not wait for the disk at every write. It returns how many
// bytes of records there are.
func stock(t *testing.T, dir string, n int) int {
	t.Helper()
	found := collect(t)
	options := new(server.Options)
	const password = "stock"
	require.NoError(t, options.ProcessConfigString(topology.Suite().Config(func(string) string { return strconv.Quote(password) })))
	options.ServerName, options.JetStream, options.StoreDir, options.DontListen = "skep", true, dir, true
	options.NoSigs, options.NoLog = true, true
	nats := start(t, options, password)
	defer nats.stop()
	require.NoError(t, bus.Provision(t.Context(), nats.admin, topology.Suite(), 1))
	return nats.fill(t, found, n)
}

// natsStore is the server that stocks a directory.
type natsStore struct {
	server   *server.Server
	password string
}

// ready is how long the server may take to start, or to store what it was sent.
const ready = 10 * time.Minute

func start(t *testing.T, options *server.Options, password string) *natsStore {
	t.Helper()
	s, err := server.NewServer(options)
	require.NoError(t, err)
	s.Start()
	require.True(t, s.ReadyForConnections(ready))
	return &natsStore{server: s, password: password}
}

func (w *natsStore) connect(user string) (*nats.Conn, error) {
	return nats.Connect("", nats.InProcessServer(w.server), nats.UserInfo(user, w.password))
}

func (w *natsStore) admin(service string) (*nats.Conn, error) {
	return w.connect(topology.Admin(service))
}

// fill writes the entries and returns when the mirrors have all of them, too.
func (w *natsStore) fill(t *testing.T, found clusterTemplate, n int) int {
	t.Helper()
	streams := make(map[string]jetstream.JetStream)
	for _, service := range topology.Suite() {
		conn, err := w.connect(service.Name)
		require.NoError(t, err)
		defer conn.Close()
		streams[service.Name], err = jetstream.New(conn, jetstream.WithPublishAsyncMaxPending(1024),
			jetstream.WithPublishAsyncErrHandler(func(_ jetstream.JetStream, m *nats.Msg, err error) { t.Errorf("stock %s: %v", m.Subject, err) }))
		require.NoError(t, err)
	}
	total := 0
	found.copies(t, n, func(e entry) {
		if e.stream != bus.Events {
			total += len(e.data)
		}
		_, err := streams[e.service].PublishMsgAsync(&nats.Msg{Subject: e.subject, Header: e.header, Data: e.data}, jetstream.WithStallWait(ready))
		require.NoError(t, err)
	})
	for _, js := range streams {
		<-js.PublishAsyncComplete()
	}
	for _, service := range topology.Suite() {
		for _, read := range service.Reads {
			w.mirrored(t, streams[read.Service], streams[service.Name], "KV_"+topology.Suite().Bucket(read.Service))
		}
	}
	return total
}

// mirrored returns when a mirror has come as far as its origin.
func (w *natsStore) mirrored(t *testing.T, origin, mirror jetstream.JetStream, stream string) {
	t.Helper()
	from, err := origin.Stream(t.Context(), stream)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), ready)
	defer cancel()
	to, err := mirror.Stream(ctx, stream)
	require.NoError(t, err)
	consumer, err := to.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: from.CachedInfo().State.LastSeq, HeadersOnly: true,
	})
	require.NoError(t, err)
	_, err = consumer.Next(jetstream.FetchContext(ctx))
	require.NoError(t, err)
}

func (w *natsStore) stop() {
	w.server.Shutdown()
	w.server.WaitForShutdown()
}
