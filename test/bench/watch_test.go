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

// How many watch, over how many connections, and how many changes they are told.
const (
	watchers    = 1000
	connections = 50
	changes     = 15
)

// TestWatch measures how long a change of one cluster takes until the last of
// 1,000 watchers has seen it, against as many messages of the same bytes sent
// one after the other on one stream of a bare gRPC server.
func TestWatch(t *testing.T) {
	inRealTime(t)
	dir := t.TempDir()
	stock(t, filepath.Join(dir, "nats"), 1)
	suite := openSuite(t, dir)
	clusters := clusterv1.NewClusterServiceClient(dial(t, suite.GRPC, suite.Token))
	got, err := clusters.GetCluster(t.Context(), &clusterv1.GetClusterRequest{Name: copied(0)})
	require.NoError(t, err)
	line := bareStream(t, &clusterv1.WatchClustersResponse{Cluster: got.GetCluster()})

	before := weighed(t)
	crowd := gather(t, suite.GRPC, suite.Token)
	after := weighed(t)
	weigh(t)
	var ratios []float64
	var limits, subjects []time.Duration
	for i := range changes {
		limit := line.send(t, watchers)
		began := time.Now()
		crowd.expect(fmt.Sprint(i))
		_, err := clusters.UpdateCluster(t.Context(), &clusterv1.UpdateClusterRequest{Cluster: &clusterv1.Cluster{
			Name: copied(0), Labels: map[string]string{told: fmt.Sprint(i)},
		}})
		require.NoError(t, err)
		crowd.wait()
		subject := time.Since(began)
		ratios = append(ratios, subject.Seconds()/limit.Seconds())
		limits, subjects = append(limits, limit), append(subjects, subject)
	}
	note(t, bench.Figure{What: fmt.Sprintf("a change seen by the last of %d watchers ÷ as many sends on one bare stream", watchers), Value: median(ratios),
		Limit: bench.Limit(1), Detail: fmt.Sprintf("%s ÷ %s", median(subjects).Round(time.Millisecond/10), median(limits).Round(time.Millisecond/10))})
	note(t, bench.Figure{What: "memory a watcher, both ends of it", Value: (after.Heap - before.Heap) / watchers / kilo, Unit: "KB",
		Detail: fmt.Sprintf("%d watchers over %d connections", watchers, connections)})
}

// told is the label that changes.
const told = "told"

const kilo = 1 << 10

// crowd is everybody who watches.
type crowd struct {
	mu       sync.Mutex
	expected string
	missing  int
	complete chan struct{}
}

// expect begins a change: everybody is to see this label.
func (c *crowd) expect(label string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.expected, c.missing, c.complete = label, watchers, make(chan struct{})
}

// wait returns when everybody has seen the change.
func (c *crowd) wait() { <-c.complete }

// saw notes that one watcher has seen a label for the first time.
func (c *crowd) saw(label string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if label != c.expected {
		return
	}
	if c.missing--; c.missing == 0 {
		close(c.complete)
	}
}

// gather begins the watches and returns when all have had what is there.
func gather(t *testing.T, address, token string) *crowd {
	t.Helper()
	all := &crowd{}
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

func (c *crowd) watch(stream grpc.ServerStreamingClient[clusterv1.WatchClustersResponse], synced func()) {
	last := ""
	for {
		message, err := stream.Recv()
		if err != nil {
			return // The test is over.
		}
		if message.GetSynced() {
			synced()
		}
		if label := message.GetCluster().GetLabels()[told]; label != last {
			last = label
			c.saw(label)
		}
	}
}

// line is one stream of a bare gRPC server.
type line struct {
	clusterv1.UnimplementedClusterServiceServer
	message *clusterv1.WatchClustersResponse
	wanted  chan int
	stream  grpc.ServerStreamingClient[clusterv1.WatchClustersResponse]
}

func bareStream(t *testing.T, message *clusterv1.WatchClustersResponse) *line {
	t.Helper()
	l := &line{message: message, wanted: make(chan int)}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer()
	clusterv1.RegisterClusterServiceServer(server, l)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	l.stream, err = clusterv1.NewClusterServiceClient(dial(t, listener.Addr().String(), "")).WatchClusters(ctx, &clusterv1.WatchClustersRequest{})
	require.NoError(t, err)
	l.send(t, watchers)
	return l
}

// WatchClusters sends as many messages as are wanted, whenever they are.
func (l *line) WatchClusters(_ *clusterv1.WatchClustersRequest, stream grpc.ServerStreamingServer[clusterv1.WatchClustersResponse]) error {
	for {
		select {
		case <-stream.Context().Done():
			return nil
		case n := <-l.wanted:
			for range n {
				if err := stream.Send(l.message); err != nil {
					return err
				}
			}
		}
	}
}

// send is how long n messages take from the first send to the last receipt.
func (l *line) send(t *testing.T, n int) time.Duration {
	t.Helper()
	began := time.Now()
	l.wanted <- n
	for range n {
		_, err := l.stream.Recv()
		require.NoError(t, err)
	}
	return time.Since(began)
}
