package watch_test

import (
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/cli/internal/watch"
	"github.com/skep-dev/skep/libs/platform/fault"
)

const name = "organizations/demo/clusters/orchid"

// stream is one response stream: changes, then an error.
type stream struct {
	grpc.ServerStreamingClient[clusterv1.WatchClustersResponse]
	changes []*clusterv1.WatchClustersResponse
	end     error
}

func (s *stream) Recv() (*clusterv1.WatchClustersResponse, error) {
	if len(s.changes) == 0 {
		return nil, s.end
	}
	next := s.changes[0]
	s.changes = s.changes[1:]
	return next, nil
}

// answers returns a Stream that opens the given streams in order.
func answers(streams ...*stream) watch.Stream {
	return func(context.Context) (grpc.ServerStreamingClient[clusterv1.WatchClustersResponse], error) {
		next := streams[0]
		streams = streams[1:]
		return next, nil
	}
}

func cluster(generation int64, state typev1.State) *clusterv1.WatchClustersResponse {
	return &clusterv1.WatchClustersResponse{Cluster: &clusterv1.Cluster{Name: name, Generation: generation,
		Status: &clusterv1.ClusterStatus{State: state, ObservedGeneration: generation}}}
}

var (
	synced   = &clusterv1.WatchClustersResponse{Synced: true}
	gone     = &clusterv1.WatchClustersResponse{Deleted: true, Cluster: &clusterv1.Cluster{Name: name}}
	other    = &clusterv1.WatchClustersResponse{Cluster: &clusterv1.Cluster{Name: name + "-2"}}
	stopping = fault.Unavailablef("the server is stopping")
	denied   = fault.Deniedf("viewers may not")
)

func TestWatchSurvivesServerRestarts(t *testing.T) {
	t.Parallel()
	for sentence, c := range map[string]struct {
		streams []*stream
		want    int
		err     error
	}{
		"until the cluster is deleted": {[]*stream{{changes: []*clusterv1.WatchClustersResponse{other, cluster(1, 1), synced, cluster(1, 2), gone}}}, 2, nil},
		"after an end and after an outage": {[]*stream{
			{changes: []*clusterv1.WatchClustersResponse{cluster(1, 1)}, end: stopping}, {end: stopping},
			{changes: []*clusterv1.WatchClustersResponse{cluster(1, 1)}, end: io.EOF}, {changes: []*clusterv1.WatchClustersResponse{gone}},
		}, 2, nil},
		"also if the cluster is deleted during the outage": {[]*stream{
			{changes: []*clusterv1.WatchClustersResponse{cluster(1, 1)}, end: stopping}, {changes: []*clusterv1.WatchClustersResponse{synced}},
		}, 1, nil},
		"not if the first call fails": {[]*stream{{end: stopping}}, 0, stopping},
		"not if permission is denied": {[]*stream{{changes: []*clusterv1.WatchClustersResponse{cluster(1, 1)}, end: denied}}, 1, denied},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				count := 0
				var failed error
				for c, err := range watch.Cluster(t.Context(), answers(c.streams...), name) {
					if err != nil {
						failed = err
						continue
					}
					require.Equal(t, name, c.GetName())
					count++
				}
				require.Equal(t, c.want, count)
				require.ErrorIs(t, failed, c.err)
			})
		})
	}
}

func TestWatchOfAMissingClusterIsAFault(t *testing.T) {
	t.Parallel()
	for _, err := range watch.Cluster(t.Context(), answers(&stream{changes: []*clusterv1.WatchClustersResponse{other, synced}}), name) {
		require.True(t, fault.Is(err, fault.NotFound))
	}
}

func TestWatchEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		endless := func(context.Context) (grpc.ServerStreamingClient[clusterv1.WatchClustersResponse], error) {
			return &stream{changes: []*clusterv1.WatchClustersResponse{cluster(1, 1)}, end: stopping}, nil
		}
		var last error
		for _, err := range watch.Cluster(ctx, endless, name) {
			last = err
		}
		require.Error(t, last)
		require.ErrorIs(t, ctx.Err(), context.DeadlineExceeded)
	})
}

func TestSettledIgnoresSnapshotsBeforeTheWrite(t *testing.T) {
	t.Parallel()
	settled := func(since *clusterv1.Cluster, changes ...*clusterv1.WatchClustersResponse) (states []typev1.State) {
		for c, err := range watch.Settled(watch.Cluster(t.Context(), answers(&stream{changes: append(changes, gone)}), name), since) {
			require.NoError(t, err)
			states = append(states, c.GetStatus().GetState())
		}
		return states
	}
	behind := cluster(2, typev1.State_READY)
	behind.Cluster.Status.ObservedGeneration = 1
	require.Equal(t, []typev1.State{typev1.State_CREATING, typev1.State_READY},
		settled(nil, cluster(1, typev1.State_CREATING), cluster(1, typev1.State_READY), cluster(1, typev1.State_DEGRADED)))
	require.Equal(t, []typev1.State{typev1.State_READY, typev1.State_UPDATING, typev1.State_FAILED},
		settled(&clusterv1.Cluster{Generation: 2}, cluster(1, typev1.State_READY), behind, cluster(2, typev1.State_UPDATING), cluster(2, typev1.State_FAILED)))
}
