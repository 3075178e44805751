package bench_test

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	identityv1 "github.com/skep-dev/skep/proto/gen/go/skep/identity/v1"

	"github.com/skep-dev/skep/test/bench"
	"github.com/skep-dev/skep/test/clustertest"
)

// TestRPC measures calls of Skep's API against a bare gRPC server that answers with the same
// bytes: a read of a cluster with its inventory, and a read of an account, which the gateway
// forwards to the identity service in a second gRPC call.
func TestRPC(t *testing.T) {
	inRealTime(t)
	dir := t.TempDir()
	stock(t, filepath.Join(dir, "nats"), 1)
	suite := openSuite(t, dir)
	conn := dial(t, suite.GRPC, suite.Token)

	clusters := clusterv1.NewClusterServiceClient(conn)
	cluster, err := clusters.GetCluster(t.Context(), &clusterv1.GetClusterRequest{Name: copied(0)})
	require.NoError(t, err)
	accounts := identityv1.NewAccountServiceClient(conn)
	account, err := accounts.GetAccount(t.Context(), &identityv1.GetAccountRequest{Name: clustertest.Account})
	require.NoError(t, err)

	echo := dial(t, serveEcho(t, cluster, account), "")
	for _, one := range []struct {
		what       string
		answer     proto.Message
		comparison comparison
	}{
		{"GetAccount, which the gateway forwards,", account, comparison{
			limit: func() error {
				_, err := identityv1.NewAccountServiceClient(echo).GetAccount(t.Context(), &identityv1.GetAccountRequest{Name: clustertest.Account})
				return err
			},
			subject: func() error {
				_, err := accounts.GetAccount(t.Context(), &identityv1.GetAccountRequest{Name: clustertest.Account})
				return err
			},
		}},
		{"GetCluster", cluster, comparison{
			limit: func() error {
				_, err := clusterv1.NewClusterServiceClient(echo).GetCluster(t.Context(), &clusterv1.GetClusterRequest{Name: copied(0)})
				return err
			},
			subject: func() error {
				_, err := clusters.GetCluster(t.Context(), &clusterv1.GetClusterRequest{Name: copied(0)})
				return err
			},
		}},
	} {
		result := one.comparison.measure(t)
		note(t, bench.Figure{Name: fmt.Sprintf("%s ÷ bare gRPC echo of the same %d bytes", one.what, proto.Size(one.answer)), Value: result.Ratio,
			Limit: bench.Limit(1), Target: bench.AtMost(1.5), Detail: result.String()})
	}
	writeHeap(t)
}

// copied returns the name of the i-th copy of the cluster.
func copied(i int) string {
	return fmt.Sprintf("%s/clusters/c%0*d", clustertest.Organization, len(clustertest.ClusterID)-1, i)
}

// serveEcho serves the answers over TCP with gRPC only, and returns the address.
func serveEcho(t *testing.T, cluster *clusterv1.GetClusterResponse, account *identityv1.GetAccountResponse) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer()
	clusterv1.RegisterClusterServiceServer(server, echoedCluster{answer: cluster})
	identityv1.RegisterAccountServiceServer(server, echoedAccount{answer: account})
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

type echoedCluster struct {
	clusterv1.UnimplementedClusterServiceServer
	answer *clusterv1.GetClusterResponse
}

func (e echoedCluster) GetCluster(context.Context, *clusterv1.GetClusterRequest) (*clusterv1.GetClusterResponse, error) {
	return e.answer, nil
}

type echoedAccount struct {
	identityv1.UnimplementedAccountServiceServer
	answer *identityv1.GetAccountResponse
}

func (e echoedAccount) GetAccount(context.Context, *identityv1.GetAccountRequest) (*identityv1.GetAccountResponse, error) {
	return e.answer, nil
}
