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

// stock fills a state directory with the records of n clusters, through a separate server
// that does not sync every write to the disk. It returns the size of the records in bytes.
func stock(t *testing.T, dir string, n int) int {
	t.Helper()
	template := collect(t)
	options := new(server.Options)
	const password = "stock"
	require.NoError(t, options.ProcessConfigString(topology.Suite().Config(func(string) string { return strconv.Quote(password) })))
	options.ServerName, options.JetStream, options.StoreDir, options.DontListen = "skep", true, dir, true
	options.NoSigs, options.NoLog = true, true
	nats := start(t, options, password)
	defer nats.stop()
	require.NoError(t, bus.Provision(t.Context(), nats.admin, topology.Suite(), 1))
	return nats.fill(t, template, n)
}

// natsStore is the NATS server that fills a directory.
type natsStore struct {
	server   *server.Server
	password string
}

// storeTimeout limits the start of the server and the storing of its messages.
const storeTimeout = 10 * time.Minute

func start(t *testing.T, options *server.Options, password string) *natsStore {
	t.Helper()
	s, err := server.NewServer(options)
	require.NoError(t, err)
	s.Start()
	require.True(t, s.ReadyForConnections(storeTimeout))
	return &natsStore{server: s, password: password}
}

func (s *natsStore) connect(user string) (*nats.Conn, error) {
	return nats.Connect("", nats.InProcessServer(s.server), nats.UserInfo(user, s.password))
}

func (s *natsStore) admin(service string) (*nats.Conn, error) {
	return s.connect(topology.Admin(service))
}

// fill writes the entries and returns when the mirrors hold all of them. It returns the size
// of the records in bytes.
func (s *natsStore) fill(t *testing.T, template clusterTemplate, n int) int {
	t.Helper()
	streams := make(map[string]jetstream.JetStream)
	for _, service := range topology.Suite() {
		conn, err := s.connect(service.Name)
		require.NoError(t, err)
		defer conn.Close()
		streams[service.Name], err = jetstream.New(conn, jetstream.WithPublishAsyncMaxPending(1024),
			jetstream.WithPublishAsyncErrHandler(func(_ jetstream.JetStream, m *nats.Msg, err error) { t.Errorf("stock %s: %v", m.Subject, err) }))
		require.NoError(t, err)
	}
	total := 0
	template.copies(t, n, func(e entry) {
		if e.stream != bus.Events {
			total += len(e.data)
		}
		_, err := streams[e.service].PublishMsgAsync(&nats.Msg{Subject: e.subject, Header: e.header, Data: e.data}, jetstream.WithStallWait(storeTimeout))
		require.NoError(t, err)
	})
	for _, js := range streams {
		<-js.PublishAsyncComplete()
	}
	for _, service := range topology.Suite() {
		for _, read := range service.Reads {
			s.mirrored(t, streams[read.Service], streams[service.Name], "KV_"+topology.Suite().Bucket(read.Service))
		}
	}
	return total
}

// mirrored returns when a mirror holds the last message of its origin.
func (s *natsStore) mirrored(t *testing.T, origin, mirror jetstream.JetStream, stream string) {
	t.Helper()
	from, err := origin.Stream(t.Context(), stream)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), storeTimeout)
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

func (s *natsStore) stop() {
	s.server.Shutdown()
	s.server.WaitForShutdown()
}
