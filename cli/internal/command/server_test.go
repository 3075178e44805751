package command_test

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/cli/internal/command"
	"github.com/skep-dev/skep/cli/internal/document"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/platform/rpc"
)

// server is the API in memory. The test sets its responses.
type server struct {
	clusterv1.UnimplementedClusterServiceServer
	networkv1.UnimplementedNetworkServiceServer
	identityv1.UnimplementedBudgetServiceServer

	mu       sync.Mutex
	clusters []*clusterv1.Cluster
	// life holds the messages of a watch, one per second.
	life []*clusterv1.WatchClustersResponse
	// plan and explanation are the responses of PlanCluster and ExplainDelete.
	plan        *clusterv1.PlanClusterResponse
	explanation *clusterv1.ExplainDeleteResponse
	events      []*clusterv1.Event
	networks    []*networkv1.Network
	budgets     []*identityv1.Budget
	// refusal, if set, is the error of every write.
	refusal error
	// got holds the requests in the order of arrival.
	got []proto.Message
}

func (s *server) receive(request proto.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, proto.Clone(request))
	return s.refusal
}

func (s *server) CreateCluster(_ context.Context, in *clusterv1.CreateClusterRequest) (*clusterv1.CreateClusterResponse, error) {
	if err := s.receive(in); err != nil {
		return nil, err
	}
	c := proto.CloneOf(in.GetCluster())
	c.Name, c.Uid, c.Generation, c.CreateTime = in.GetParent()+"/clusters/"+in.GetClusterId(), "k3x9q2ab", 1, timestamppb.Now()
	return &clusterv1.CreateClusterResponse{Cluster: c}, nil
}

func (s *server) UpdateCluster(_ context.Context, in *clusterv1.UpdateClusterRequest) (*clusterv1.UpdateClusterResponse, error) {
	if err := s.receive(in); err != nil {
		return nil, err
	}
	return &clusterv1.UpdateClusterResponse{Cluster: in.GetCluster()}, nil
}

func (s *server) GetCluster(_ context.Context, in *clusterv1.GetClusterRequest) (*clusterv1.GetClusterResponse, error) {
	for _, c := range s.clusters {
		if c.GetName() == in.GetName() {
			return &clusterv1.GetClusterResponse{Cluster: c}, nil
		}
	}
	return nil, fault.NotFoundf("cluster %q does not exist", in.GetName())
}

func (s *server) ListClusters(_ context.Context, in *clusterv1.ListClustersRequest) (*clusterv1.ListClustersResponse, error) {
	if err := s.receive(in); err != nil {
		return nil, err
	}
	var matching []*clusterv1.Cluster
	for _, c := range s.clusters {
		if strings.HasPrefix(c.GetName(), in.GetParent()+"/") {
			matching = append(matching, c)
		}
	}
	from := len(in.GetPageToken())
	to := min(from+int(in.GetPageSize()), len(matching))
	out := &clusterv1.ListClustersResponse{Clusters: matching[from:to]}
	if to < len(matching) {
		out.NextPageToken = strings.Repeat("x", to)
	}
	return out, nil
}

func (s *server) DeleteCluster(_ context.Context, in *clusterv1.DeleteClusterRequest) (*clusterv1.DeleteClusterResponse, error) {
	if err := s.receive(in); err != nil {
		return nil, err
	}
	return &clusterv1.DeleteClusterResponse{Cluster: &clusterv1.Cluster{Name: in.GetName(), Generation: 1, DeleteTime: timestamppb.Now()}}, nil
}

func (s *server) WatchClusters(in *clusterv1.WatchClustersRequest, stream grpc.ServerStreamingServer[clusterv1.WatchClustersResponse]) error {
	if err := s.receive(in); err != nil {
		return err
	}
	for _, change := range s.life {
		if err := stream.Send(change); err != nil {
			return err
		}
		time.Sleep(time.Second)
	}
	<-stream.Context().Done()
	return nil
}

func (s *server) PlanCluster(_ context.Context, in *clusterv1.PlanClusterRequest) (*clusterv1.PlanClusterResponse, error) {
	return s.plan, s.receive(in)
}

func (s *server) ExplainDelete(_ context.Context, in *clusterv1.ExplainDeleteRequest) (*clusterv1.ExplainDeleteResponse, error) {
	return s.explanation, s.receive(in)
}

func (s *server) ListEvents(_ context.Context, in *clusterv1.ListEventsRequest) (*clusterv1.ListEventsResponse, error) {
	if in.GetPageToken() == "" && len(s.events) > 1 {
		return &clusterv1.ListEventsResponse{Events: s.events[:1], NextPageToken: "x"}, s.receive(in)
	}
	return &clusterv1.ListEventsResponse{Events: s.events[min(1, len(s.events)):]}, s.receive(in)
}

func (s *server) WatchEvents(in *clusterv1.WatchEventsRequest, stream grpc.ServerStreamingServer[clusterv1.WatchEventsResponse]) error {
	for _, e := range s.events {
		if err := stream.Send(&clusterv1.WatchEventsResponse{Event: e}); err != nil {
			return err
		}
	}
	return s.receive(in)
}

func (s *server) GenerateKubeconfig(_ context.Context, in *clusterv1.GenerateKubeconfigRequest) (*clusterv1.GenerateKubeconfigResponse, error) {
	return &clusterv1.GenerateKubeconfigResponse{Kubeconfig: "apiVersion: v1\nkind: Config\n", ExpireTime: timestamppb.New(time.Now().Add(time.Hour))}, s.receive(in)
}

func (s *server) ListNetworks(_ context.Context, in *networkv1.ListNetworksRequest) (*networkv1.ListNetworksResponse, error) {
	return &networkv1.ListNetworksResponse{Networks: s.networks}, s.receive(in)
}

func (s *server) GetNetwork(_ context.Context, in *networkv1.GetNetworkRequest) (*networkv1.GetNetworkResponse, error) {
	return &networkv1.GetNetworkResponse{Network: s.networks[0]}, s.receive(in)
}

func (s *server) DeleteNetwork(_ context.Context, in *networkv1.DeleteNetworkRequest) (*networkv1.DeleteNetworkResponse, error) {
	return &networkv1.DeleteNetworkResponse{Network: s.networks[0]}, s.receive(in)
}

const token = "open sesame"

// inBubble runs a test against a server in virtual time.
func inBubble(t *testing.T, s *server, test func(t *testing.T, run func(args ...string) result)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		listener := bufconn.Listen(64 << 10)
		ctx, stop := context.WithCancel(t.Context())
		public := rpc.NewServer(rpc.ServerOptions{Authenticate: rpc.TokenAuthenticator(map[string]rpc.Principal{token: {Name: "admin"}})})
		clusterv1.RegisterClusterServiceServer(public, s)
		networkv1.RegisterNetworkServiceServer(public, s)
		identityv1.RegisterBudgetServiceServer(public, s)
		stopped := make(chan error, 1)
		go func() { stopped <- public.ServeListener(listener)(ctx) }()
		test(t, func(args ...string) result {
			return run(t, "", []string{"SKEP_TOKEN=" + token, "NO_COLOR=1"},
				func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }, args...)
		})
		stop()
		require.NoError(t, <-stopped)
	})
}

// result is the exit code and the output of a command.
type result struct {
	code     int
	out, err string
}

func (r result) String() string {
	text := r.out
	if r.err != "" {
		text += "--- stderr, exit code " + string(rune('0'+r.code)) + "\n" + r.err
	}
	return text
}

func run(t *testing.T, in string, env []string, dialer func(context.Context, string) (net.Conn, error), args ...string) result {
	t.Helper()
	var out, err bytes.Buffer
	p := command.Process{In: strings.NewReader(in), Out: &out, Err: &err, Env: env, Dialer: dialer}
	code := p.Run(t.Context(), args)
	return result{code: code, out: out.String(), err: err.String()}
}

// golden compares a text with a file, or writes the file if UPDATE_GOLDEN is set.
func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), text)
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cluster.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// quickstartSpec returns the spec of the quickstart.
func quickstartSpec() *clusterv1.ClusterSpec {
	c, err := document.Read(quickstart)
	if err != nil {
		panic(err)
	}
	return c.GetSpec()
}

// orchid returns a cluster in a state, created at a time.
func orchid(state typev1.State, created time.Time, items ...*typev1.InventoryItem) *clusterv1.Cluster {
	c := &clusterv1.Cluster{
		Name: "organizations/demo/clusters/orchid", Uid: "k3x9q2ab", Etag: "7", Generation: 1, CreateTime: timestamppb.New(created),
		Labels: map[string]string{"tier": "gold"},
		Spec:   quickstartSpec(),
		Status: &clusterv1.ClusterStatus{
			State: state, ObservedGeneration: 1, Resources: items,
			Components: []*clusterv1.ClusterComponent{{Name: "organizations/demo/networks/orchid", Label: "network", State: state, Desired: int32(len(items))}},
		},
	}
	for _, i := range items {
		if i.GetState() == typev1.InventoryItem_READY {
			c.Status.Components[0].Ready++
		}
	}
	return c
}
