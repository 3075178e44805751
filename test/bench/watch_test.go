package bench_test

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"

	"github.com/skep-dev/skep/test/bench"
	"github.com/skep-dev/skep/test/clustertest"
)

// The number of watchers, of their connections, and of the measured changes.
const (
	watchers    = 1000
	connections = 50
	changes     = 15
)

// TestWatch measures the time from a change of one cluster until the last of 1,000 watchers
// has received it, against 1,000 messages of the same size on one stream of a bare gRPC
// server.
func TestWatch(t *testing.T) {
	inRealTime(t)
	dir := t.TempDir()
	stock(t, filepath.Join(dir, "nats"), 1)
	suite := openSuite(t, dir)
	clusters := clusterv1.NewClusterServiceClient(dial(t, suite.GRPC, suite.Token))
	got, err := clusters.GetCluster(t.Context(), &clusterv1.GetClusterRequest{Name: copied(0)})
	require.NoError(t, err)
	bare := openBareStream(t, &clusterv1.WatchClustersResponse{Cluster: got.GetCluster()})

	before := footprintNow(t)
	all := openWatches(t, suite.GRPC, suite.Token)
	after := footprintNow(t)
	writeHeap(t)
	var ratios []float64
	var limits, subjects []time.Duration
	for i := range changes {
		limit := bare.send(t, watchers)
		began := time.Now()
		all.expect(fmt.Sprint(i))
		_, err := clusters.UpdateCluster(t.Context(), &clusterv1.UpdateClusterRequest{Cluster: &clusterv1.Cluster{
			Name: copied(0), Labels: map[string]string{changedLabel: fmt.Sprint(i)},
		}})
		require.NoError(t, err)
		all.wait()
		subject := time.Since(began)
		ratios = append(ratios, subject.Seconds()/limit.Seconds())
		limits, subjects = append(limits, limit), append(subjects, subject)
	}
	note(t, bench.Figure{Name: fmt.Sprintf("a change received by the last of %d watchers ÷ as many sends on one bare stream", watchers), Value: median(ratios),
		Limit: bench.Limit(1), Detail: fmt.Sprintf("%s ÷ %s", median(subjects).Round(time.Millisecond/10), median(limits).Round(time.Millisecond/10))})
	note(t, bench.Figure{Name: "memory per watcher, client and server", Value: (after.Heap - before.Heap) / watchers / kilo, Unit: "KB",
		Detail: fmt.Sprintf("%d watchers over %d connections", watchers, connections)})
}

// changedLabel is the label that each change sets.
const changedLabel = "change"

const kilo = 1 << 10

// watcherGroup counts the watchers that have not received the expected label yet.
type watcherGroup struct {
	mu       sync.Mutex
	expected string
	missing  int
	complete chan struct{}
}

// expect starts a change: every watcher must receive this label.
func (g *watcherGroup) expect(label string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.expected, g.missing, g.complete = label, watchers, make(chan struct{})
}

// wait returns when every watcher has received the change.
func (g *watcherGroup) wait() { <-g.complete }

// received counts a watcher that received a label for the first time.
func (g *watcherGroup) received(label string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if label != g.expected {
		return
	}
	if g.missing--; g.missing == 0 {
		close(g.complete)
	}
}

// openWatches starts the watches and returns when all have received the existing clusters.
func openWatches(t *testing.T, address, token string) *watcherGroup {
	t.Helper()
	all := &watcherGroup{}
	var synced sync.WaitGroup
	for i := range watchers {
		if i%(watchers/connections) != 0 {
			continue
		}
		clusters := clusterv1.NewClusterServiceClient(dial(t, address, token))
		for range watchers / connections {
			stream, err := clusters.WatchClusters(t.Context(), &clusterv1.WatchClustersRequest{Parent: clustertest.Organization})
			require.NoError(t, err)
			synced.Add(1)
			go all.watch(stream, synced.Done)
		}
	}
	synced.Wait()
	return all
}

func (g *watcherGroup) watch(stream grpc.ServerStreamingClient[clusterv1.WatchClustersResponse], synced func()) {
	last := ""
	for {
		message, err := stream.Recv()
		if err != nil {
			return // The test has ended.
		}
		if message.GetSynced() {
			synced()
		}
		if label := message.GetCluster().GetLabels()[changedLabel]; label != last {
			last = label
			g.received(label)
		}
	}
}

// bareStream is one stream of a gRPC server without Skep.
type bareStream struct {
	clusterv1.UnimplementedClusterServiceServer
	message *clusterv1.WatchClustersResponse
	counts  chan int
	stream  grpc.ServerStreamingClient[clusterv1.WatchClustersResponse]
}

func openBareStream(t *testing.T, message *clusterv1.WatchClustersResponse) *bareStream {
	t.Helper()
	s := &bareStream{message: message, counts: make(chan int)}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer()
	clusterv1.RegisterClusterServiceServer(server, s)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	s.stream, err = clusterv1.NewClusterServiceClient(dial(t, listener.Addr().String(), "")).WatchClusters(ctx, &clusterv1.WatchClustersRequest{})
	require.NoError(t, err)
	s.send(t, watchers)
	return s
}

// WatchClusters sends the requested number of messages for each request on the counts channel.
func (s *bareStream) WatchClusters(_ *clusterv1.WatchClustersRequest, stream grpc.ServerStreamingServer[clusterv1.WatchClustersResponse]) error {
	for {
		select {
		case <-stream.Context().Done():
			return nil
		case n := <-s.counts:
			for range n {
				if err := stream.Send(s.message); err != nil {
					return err
				}
			}
		}
	}
}

// send returns the time from the first send to the last receipt of n messages.
func (s *bareStream) send(t *testing.T, n int) time.Duration {
	t.Helper()
	began := time.Now()
	s.counts <- n
	for range n {
		_, err := s.stream.Recv()
		require.NoError(t, err)
	}
	return time.Since(began)
}
