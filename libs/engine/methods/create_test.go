package methods_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/libs/engine/collection"
	"github.com/skep-dev/skep/libs/engine/internal/enginetest"
	"github.com/skep-dev/skep/libs/engine/methods"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/platform/rpc"
)

// clusters serves the clusters of a store by their contract, and connects to them.
func clusters(t *testing.T, b *enginetest.Bench) clusterv1.ClusterServiceClient {
	t.Helper()
	server := rpc.NewServer(rpc.ServerOptions{})
	(&methods.Server[*clusterv1.Cluster]{
		Collection: &collection.Collection[*clusterv1.Cluster]{Type: object.Clusters, Bucket: b.Bucket},
		Plan: func(_ context.Context, desired *clusterv1.Cluster, _ []string) ([]*typev1.PlannedAction, []string, error) {
			return []*typev1.PlannedAction{{Owner: desired.GetName()}}, nil, nil
		},
		Custom: map[string]methods.Unary{
			"ExplainDelete": methods.Custom(func(context.Context, *clusterv1.ExplainDeleteRequest) (*clusterv1.ExplainDeleteResponse, error) {
				return new(clusterv1.ExplainDeleteResponse), nil
			}),
			"ListEvents": methods.Custom(func(context.Context, *clusterv1.ListEventsRequest) (*clusterv1.ListEventsResponse, error) {
				return new(clusterv1.ListEventsResponse), nil
			}),
			"GenerateKubeconfig": methods.Custom(func(context.Context, *clusterv1.GenerateKubeconfigRequest) (*clusterv1.GenerateKubeconfigResponse, error) {
				return new(clusterv1.GenerateKubeconfigResponse), nil
			}),
		},
		Streams: map[string]methods.Stream{"WatchEvents": methods.CustomStream(
			func(_ context.Context, in *clusterv1.WatchEventsRequest, send func(*clusterv1.WatchEventsResponse) error) error {
				return send(&clusterv1.WatchEventsResponse{Event: &clusterv1.Event{Resource: in.GetParent()}})
			},
		)},
	}).Register(server)
	t.Cleanup(server.Close)
	return clusterv1.NewClusterServiceClient(server.Loopback())
}

func TestCreateAndUpdateFollowTheContract(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		const name = "organizations/acme/clusters/orchid"
		client := clusters(t, b)
		create := &clusterv1.CreateClusterRequest{
			Parent: "organizations/acme", ClusterId: "orchid", RequestId: "c0ffee00-0000-4000-8000-000000000000",
			Cluster: &clusterv1.Cluster{Labels: map[string]string{"tier": "gold"}}, ValidateOnly: true,
		}
		_, err := client.CreateCluster(t.Context(), create)
		require.NoError(t, err)
		require.Zero(t, b.Puts, "a validation stores nothing")
		create.ValidateOnly = false
		created, err := client.CreateCluster(t.Context(), create)
		require.NoError(t, err)
		require.Equal(t, name, created.GetCluster().GetName())
		again, err := client.CreateCluster(t.Context(), create)
		require.NoError(t, err)
		require.Equal(t, created.GetCluster().GetUid(), again.GetCluster().GetUid(), "the same request creates one object")
		create.Cluster.Name = "organizations/acme/clusters/other"
		_, err = client.CreateCluster(t.Context(), create)
		require.True(t, fault.Is(err, fault.Invalid), "%v", err)
		_, err = client.PlanCluster(t.Context(), &clusterv1.PlanClusterRequest{Parent: "organizations/acme", ClusterId: "orchid", Cluster: create.GetCluster()})
		require.True(t, fault.Is(err, fault.Invalid), "%v", err)

		planned, err := client.PlanCluster(t.Context(), &clusterv1.PlanClusterRequest{Parent: "organizations/acme", ClusterId: "orchid", Cluster: new(clusterv1.Cluster)})
		require.NoError(t, err)
		require.Equal(t, name, planned.GetActions()[0].GetOwner())

		updated, err := client.UpdateCluster(t.Context(), &clusterv1.UpdateClusterRequest{
			Cluster:    &clusterv1.Cluster{Name: name, Labels: map[string]string{"tier": "silver"}},
			UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"labels"}},
		})
		require.NoError(t, err)
		require.Equal(t, "silver", updated.GetCluster().GetLabels()["tier"])
	})
}

func TestACustomStreamIsServed(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, b *enginetest.Bench) {
		stream, err := clusters(t, b).WatchEvents(t.Context(), &clusterv1.WatchEventsRequest{Parent: "organizations/acme/clusters/orchid"})
		require.NoError(t, err)
		message, err := stream.Recv()
		require.NoError(t, err)
		require.Equal(t, "organizations/acme/clusters/orchid", message.GetEvent().GetResource())
	})
}
