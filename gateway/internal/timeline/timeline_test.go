package timeline_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	clusterv1 "github.com/skep-dev/skep/proto/gen/go/skep/cluster/v1"
	networkv1 "github.com/skep-dev/skep/proto/gen/go/skep/network/v1"
	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"
	typev1 "github.com/skep-dev/skep/proto/gen/go/skep/type/v1"

	"github.com/skep-dev/skep/gateway/internal/timeline"
	"github.com/skep-dev/skep/libs/engine/object"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/bus"
	"github.com/skep-dev/skep/libs/platform/bus/bustest"
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/platform/topology"
)

const orchid = "organizations/acme/clusters/orchid"

// fixture is a connection of the gateway to a real NATS server.
type fixture struct {
	js     jetstream.JetStream
	bucket *store.Bucket
}

func inBubble(t *testing.T, test func(t *testing.T, f *fixture)) {
	t.Helper()
	bustest.Run(t, topology.Topology{{Name: "gateway", Bucket: "cluster", Events: true}}, func(t *testing.T, s *bus.Server) {
		nc, err := s.Connect("gateway")
		require.NoError(t, err)
		t.Cleanup(nc.Close)
		f := new(fixture)
		f.js, err = jetstream.New(nc)
		require.NoError(t, err)
		f.bucket, err = store.Open(t.Context(), nc, "cluster", store.Options{})
		require.NoError(t, err)
		background(t, f.bucket.Run)
		require.NoError(t, f.bucket.Synced(t.Context()))
		test(t, f)
	})
}

// background runs a function until stop is called or the test ends.
func background(t *testing.T, run func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = run(ctx)
	}()
	stop = func() {
		cancel()
		<-ended
	}
	t.Cleanup(stop)
	return stop
}

// put stores the network of a cluster with the transitions first to last.
func put(t *testing.T, f *fixture, cluster, uid string, first, last int64) {
	t.Helper()
	key := "networks/acme/" + object.ID(cluster)
	record := new(recordv1.Record)
	require.NoError(t, object.Pack(record, &networkv1.Network{Name: "organizations/acme/networks/" + object.ID(cluster), Uid: uid,
		Spec: &networkv1.NetworkSpec{Cluster: &typev1.ClusterReference{Name: cluster}}}))
	for i := first; i <= last; i++ {
		record.Transitions = append(record.Transitions, &recordv1.Transition{Sequence: i, Time: timestamppb.Now(), Type: "Ready", Reason: fmt.Sprint(i)})
	}
	stored, _ := f.bucket.Get(key)
	_, err := f.bucket.Put(t.Context(), key, record, stored.Revision)
	require.NoError(t, err)
}

func remove(t *testing.T, f *fixture, cluster string) {
	t.Helper()
	stored, ok := f.bucket.Get("networks/acme/" + object.ID(cluster))
	require.True(t, ok)
	require.NoError(t, f.bucket.Delete(t.Context(), stored.Key, stored.Revision))
}

// listReasons returns the reasons of all events of a cluster, and the number of pages.
func listReasons(t *testing.T, f *fixture, cluster string, size int32) (reasons []string, pages int) {
	t.Helper()
	in := &clusterv1.ListEventsRequest{Parent: cluster, PageSize: size}
	last := int64(0)
	for {
		out, err := timeline.New(f.js).List(t.Context(), in)
		require.NoError(t, err)
		pages++
		for _, event := range out.GetEvents() {
			require.Greater(t, event.GetSequence(), last, "oldest first")
			last = event.GetSequence()
			reasons = append(reasons, event.GetReason())
		}
		if out.GetNextPageToken() == "" {
			return reasons, pages
		}
		in.PageToken = out.GetNextPageToken()
	}
}

func TestTwoCopiersPublishEachTransitionOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fixture) {
		put(t, f, orchid, "uid1", 1, 3)
		stop := background(t, (&timeline.Copier{JetStream: f.js, Bucket: f.bucket}).Run)
		background(t, (&timeline.Copier{JetStream: f.js, Bucket: f.bucket}).Run)
		time.Sleep(time.Second)
		put(t, f, orchid, "uid1", 1, 5)
		put(t, f, orchid, "uid1", 4, 7) // A record keeps only its latest transitions.
		time.Sleep(time.Second)
		stop()
		background(t, (&timeline.Copier{JetStream: f.js, Bucket: f.bucket}).Run) // A newly elected replica starts from the beginning.
		time.Sleep(time.Second)
		reasons, _ := listReasons(t, f, orchid, 0)
		require.Equal(t, []string{"1", "2", "3", "4", "5", "6", "7"}, reasons)
	})
}

func TestEventsOutliveTheirRecord(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fixture) {
		background(t, (&timeline.Copier{JetStream: f.js, Bucket: f.bucket}).Run)
		put(t, f, orchid, "uid1", 1, 2)
		time.Sleep(time.Second)
		remove(t, f, orchid)
		time.Sleep(time.Second)
		put(t, f, orchid, "uid2", 1, 1)
		time.Sleep(time.Second)
		reasons, _ := listReasons(t, f, orchid, 0)
		require.Equal(t, []string{"1", "2", "Gone", "1"}, reasons)
	})
}

func TestADeleteWithoutARunningCopierIsPublishedWithItsTime(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fixture) {
		stop := background(t, (&timeline.Copier{JetStream: f.js, Bucket: f.bucket}).Run)
		put(t, f, orchid, "uid1", 1, 2)
		time.Sleep(time.Second)
		stop()
		put(t, f, orchid, "uid1", 1, 3)
		remove(t, f, orchid)
		deleted := time.Now()
		time.Sleep(time.Minute)
		for range 2 {
			stop = background(t, (&timeline.Copier{JetStream: f.js, Bucket: f.bucket}).Run)
			time.Sleep(time.Second)
			stop()
			reasons, _ := listReasons(t, f, orchid, 0)
			require.Equal(t, []string{"1", "2", "3", "Gone"}, reasons)
		}
		out, err := timeline.New(f.js).List(t.Context(), &clusterv1.ListEventsRequest{Parent: orchid})
		require.NoError(t, err)
		require.WithinDuration(t, deleted, out.GetEvents()[3].GetTime().AsTime(), time.Second)
	})
}

func TestListReturnsPagesOfTheEventsOfOneCluster(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fixture) {
		background(t, (&timeline.Copier{JetStream: f.js, Bucket: f.bucket}).Run)
		put(t, f, orchid, "uid1", 1, 7)
		put(t, f, orchid+"-2", "uid2", 1, 3)
		time.Sleep(time.Second)
		reasons, pages := listReasons(t, f, orchid, 3)
		require.Equal(t, []string{"1", "2", "3", "4", "5", "6", "7"}, reasons)
		require.Equal(t, 3, pages)
		_, pages = listReasons(t, f, orchid, 7)
		require.Equal(t, 1, pages, "a full last page has no next page")
		reasons, _ = listReasons(t, f, orchid+"-2", 0)
		require.Len(t, reasons, 3)
		reasons, _ = listReasons(t, f, "organizations/acme/clusters/none", 0)
		require.Empty(t, reasons)

		out, err := timeline.New(f.js).List(t.Context(), &clusterv1.ListEventsRequest{Parent: orchid, PageSize: 3})
		require.NoError(t, err)
		_, err = timeline.New(f.js).List(t.Context(), &clusterv1.ListEventsRequest{Parent: orchid + "-2", PageSize: 3, PageToken: out.GetNextPageToken()})
		require.True(t, fault.Is(err, fault.Invalid), "%v", err)
	})
}

func TestWatchSendsStoredEventsThenNewOnes(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fixture) {
		background(t, (&timeline.Copier{JetStream: f.js, Bucket: f.bucket}).Run)
		put(t, f, orchid, "uid1", 1, 2)
		time.Sleep(time.Second)
		seen, ended := make(chan string, 10), make(chan error, 1)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			ended <- timeline.New(f.js).Watch(ctx, orchid, func(e *clusterv1.Event) error {
				seen <- e.GetReason()
				return nil
			})
		}()
		require.Equal(t, "1", <-seen)
		require.Equal(t, "2", <-seen)
		put(t, f, orchid+"-2", "uid2", 1, 1)
		put(t, f, orchid, "uid1", 1, 3)
		require.Equal(t, "3", <-seen)
		cancel()
		require.NoError(t, <-ended)
		require.Empty(t, seen)
	})
}

func TestTransitionsWithoutAClusterAreNotPublished(t *testing.T) {
	inBubble(t, func(t *testing.T, f *fixture) {
		background(t, (&timeline.Copier{JetStream: f.js, Bucket: f.bucket}).Run)
		put(t, f, "", "uid1", 1, 2)
		put(t, f, orchid, "uid2", 1, 1)
		time.Sleep(time.Second)
		info, err := f.js.Stream(t.Context(), "EVENTS")
		require.NoError(t, err)
		require.EqualValues(t, 1, info.CachedInfo().State.Msgs)
	})
}
