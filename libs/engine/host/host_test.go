package host_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/engine/host"
	"github.com/skep-dev/skep/libs/engine/service"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/libs/platform/bus/bustest"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/platform/topology"
)

// stubborn is a service that returns the name of the replica that answers. It keeps writing
// under that name after its context has ended.
type stubborn struct {
	networkv1.UnimplementedNetworkServiceServer
	dependencies service.Dependencies
	bucket       *store.Bucket
}

func (s *stubborn) Register(registrar grpc.ServiceRegistrar) {
	networkv1.RegisterNetworkServiceServer(registrar, s)
}

func (s *stubborn) GetNetwork(ctx context.Context, in *networkv1.GetNetworkRequest) (*networkv1.GetNetworkResponse, error) {
	if in.GetName() == "organizations/acme/networks/hang" && s.dependencies.Replica == "one" {
		<-ctx.Done()
	}
	return &networkv1.GetNetworkResponse{Network: &networkv1.Network{Uid: s.dependencies.Replica}}, nil
}

func (s *stubborn) Run(ctx context.Context) error {
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		_ = s.bucket.Run(context.WithoutCancel(ctx))
	}()
	defer func() { <-fed }()
	if err := s.bucket.Synced(ctx); err != nil {
		return err
	}
	for revision := uint64(0); ; {
		written, err := s.bucket.Put(context.WithoutCancel(ctx), "replicas/"+s.dependencies.Replica, &recordv1.Record{}, revision)
		if err != nil {
			return nil // The process is dead.
		}
		revision = written
		time.Sleep(time.Second)
	}
}

func construct(ctx context.Context, dependencies service.Dependencies) (service.Service, error) {
	bucket, err := dependencies.Bucket(ctx, "network")
	if err != nil {
		return nil, err
	}
	return &stubborn{dependencies: dependencies, bucket: bucket}, nil
}

// inBubble runs a test with a host in virtual time against a real store.
func inBubble(t *testing.T, test func(t *testing.T, h *host.Host, seen *store.Bucket)) {
	t.Helper()
	bustest.Run(t, topology.Topology{{Name: "network", Bucket: "network"}}, func(t *testing.T, s *bus.Server) {
		nc, err := s.Connect("network")
		require.NoError(t, err)
		seen, err := store.Open(t.Context(), nc, "network", store.Options{})
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(context.Background())
		fed := make(chan struct{})
		go func() {
			defer close(fed)
			_ = seen.Run(ctx)
		}()
		h := host.New(host.Options{Connect: s.Connect, Base: func(context.Context, string) (aws.Config, error) { return aws.Config{}, nil }})
		t.Cleanup(func() {
			cancel()
			<-fed
			nc.Close()
		})
		require.NoError(t, seen.Synced(ctx))
		test(t, h, seen)
	})
}

// start opens and runs a replica until the test ends.
func start(t *testing.T, h *host.Host, replica string) *host.Instance {
	t.Helper()
	instance, err := h.Open(t.Context(), "network", replica, construct)
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() { ended <- instance.Run(context.Background()) }()
	t.Cleanup(func() {
		instance.Kill()
		instance.Wait()
		require.NoError(t, <-ended)
	})
	return instance
}

// who asks which replica answers.
func who(t *testing.T, client networkv1.NetworkServiceClient) string {
	t.Helper()
	out, err := client.GetNetwork(t.Context(), &networkv1.GetNetworkRequest{Name: "organizations/acme/networks/orchid"})
	require.NoError(t, err)
	return out.GetNetwork().GetUid()
}

func client(t *testing.T, h *host.Host) networkv1.NetworkServiceClient {
	t.Helper()
	conn, err := h.Peer("network")
	require.NoError(t, err)
	return networkv1.NewNetworkServiceClient(conn)
}

func TestCallsGoToAReplicaThatIsAlive(t *testing.T) {
	inBubble(t, func(t *testing.T, h *host.Host, _ *store.Bucket) {
		replicas := map[string]*host.Instance{"one": start(t, h, "one"), "two": start(t, h, "two")}
		c := client(t, h)
		first := who(t, c)
		replicas[first].Kill()
		second := who(t, c)
		require.NotEqual(t, first, second, "the other answers at once")
		replicas[second].Kill()
		replicas[second].Wait()
		_, err := c.GetNetwork(t.Context(), &networkv1.GetNetworkRequest{Name: "organizations/acme/networks/orchid"})
		require.True(t, fault.Is(err, fault.Unavailable), "%v", err)

		start(t, h, "three")
		time.Sleep(time.Minute)
		require.Equal(t, "three", who(t, c), "a new replica is found by those who called before")
	})
}

func TestACallUnderWayGoesToTheOtherReplica(t *testing.T) {
	inBubble(t, func(t *testing.T, h *host.Host, _ *store.Bucket) {
		one := start(t, h, "one")
		c := client(t, h)
		require.Equal(t, "one", who(t, c))
		ended := make(chan string)
		go func() {
			out, _ := c.GetNetwork(t.Context(), &networkv1.GetNetworkRequest{Name: "organizations/acme/networks/hang"})
			ended <- out.GetNetwork().GetUid()
		}()
		synctest.Wait()
		start(t, h, "two")
		began := time.Now()
		one.Kill()
		require.Equal(t, "two", who(t, c))
		require.Equal(t, "two", <-ended, "what was under way and may be repeated is")
		one.Wait()
		require.Less(t, time.Since(began), 5*time.Second, "a replica that is killed waits for nobody")
	})
}

func TestAReplicaThatIsKilledWritesNothingMore(t *testing.T) {
	inBubble(t, func(t *testing.T, h *host.Host, seen *store.Bucket) {
		one := start(t, h, "one")
		start(t, h, "two")
		time.Sleep(5500 * time.Millisecond)
		revisions := func() (uint64, uint64) {
			synctest.Wait()
			a, ok := seen.Get("replicas/one")
			require.True(t, ok)
			b, ok := seen.Get("replicas/two")
			require.True(t, ok)
			return a.Revision, b.Revision
		}
		killed, alive := revisions()
		one.Kill()
		time.Sleep(time.Minute)
		after, grown := revisions()
		require.Equal(t, killed, after)
		require.Greater(t, grown, alive, "the other goes on")
		one.Wait()
	})
}

func TestAServiceThatCannotBeOpenedIsNamed(t *testing.T) {
	inBubble(t, func(t *testing.T, h *host.Host, _ *store.Bucket) {
		_, err := h.Open(t.Context(), "network", "one", func(context.Context, service.Dependencies) (service.Service, error) {
			return nil, fault.Unavailablef("no disk")
		})
		require.ErrorContains(t, err, "open network: no disk")
		_, err = h.Open(t.Context(), "stranger", "one", construct)
		require.ErrorContains(t, err, "connect stranger to nats")
	})
}

func (*stubborn) Ready(context.Context) error { return nil }
