package bench_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/libs/platform/topology"
	"github.com/skep-dev/skep/test/bench"
	"github.com/skep-dev/skep/test/clustertest"
)

// TestStart measures the time from the start of the suite to its first answer, and to the
// reconciliation of every record, against the time to start the same NATS server and to read
// the same messages.
func TestStart(t *testing.T) {
	inRealTime(t)
	n, dir := size(100), t.TempDir()
	records := stock(t, filepath.Join(dir, "nats"), n)
	limit := readAll(t, filepath.Join(dir, "nats"))

	reader, began := metricReader(), time.Now()
	suite := openSuite(t, dir)
	found, err := clusterv1.NewClusterServiceClient(dial(t, suite.GRPC, suite.Token)).ListClusters(t.Context(), &clusterv1.ListClustersRequest{Parent: clustertest.Organization})
	require.NoError(t, err)
	require.NotEmpty(t, found.GetClusters())
	answered := time.Since(began)
	settled(t, reader, n)
	reconciled := time.Since(began)
	writeHeap(t)
	note(t, bench.Figure{Name: fmt.Sprintf("first answer with %d clusters ÷ reading all records from NATS", n), Value: answered.Seconds() / limit.Seconds(),
		Limit: bench.Limit(1), Detail: fmt.Sprintf("%s ÷ %s, %.0f MB of records, each also in the mirrors of the services that read it", answered.Round(time.Millisecond), limit.Round(time.Millisecond), float64(records)/mega)})
	note(t, bench.Figure{Name: "every record reconciled ÷ reading all records from NATS", Value: reconciled.Seconds() / limit.Seconds(),
		Limit: bench.Limit(1), Detail: fmt.Sprintf("%s ÷ %s", reconciled.Round(time.Millisecond), limit.Round(time.Millisecond))})
}

// readAll returns the time that a NATS server takes to start and to send every record of
// every bucket to each service that reads it.
func readAll(t *testing.T, dir string) time.Duration {
	t.Helper()
	began := time.Now()
	nats, err := bus.Start(t.Context(), bus.Options{Dir: dir})
	require.NoError(t, err)
	defer nats.Close()
	var readers sync.WaitGroup
	for _, service := range topology.Suite() {
		conn, err := nats.Connect(service.Name)
		require.NoError(t, err)
		defer conn.Close()
		js, err := jetstream.New(conn)
		require.NoError(t, err)
		buckets := []string{service.Bucket}
		for _, read := range service.Reads {
			buckets = append(buckets, topology.Suite().Bucket(read.Service))
		}
		for _, bucket := range buckets {
			consumer, err := js.CreateConsumer(t.Context(), "KV_"+bucket, jetstream.ConsumerConfig{
				FilterSubject: ">", DeliverPolicy: jetstream.DeliverLastPerSubjectPolicy, AckPolicy: jetstream.AckNonePolicy, MemoryStorage: true,
			})
			require.NoError(t, err)
			entries, err := consumer.Messages()
			require.NoError(t, err)
			readers.Go(func() {
				defer entries.Stop()
				for range consumer.CachedInfo().NumPending {
					if _, err := entries.Next(); err != nil {
						t.Errorf("read %s: %v", bucket, err)
						return
					}
				}
			})
		}
	}
	readers.Wait()
	return time.Since(began)
}
