package timeline_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats-server/v2/server/ats"
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
	"github.com/skep-dev/skep/libs/platform/fault"
	"github.com/skep-dev/skep/libs/platform/topology"
)

// The clock goroutine of the server belongs to the process: it is started
// outside of every bubble.
func TestMain(m *testing.M) {
	ats.Register()
	code := m.Run()
	ats.Unregister()
	os.Exit(code)
}

const orchid = "organizations/acme/clusters/orchid"

// bench is the account of the gateway on a real server.
type bench struct {
	js     jetstream.JetStream
	bucket *store.Bucket
}

func inBubble(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		topology := topology.Topology{{Name: "gateway", Bucket: "cluster", Events: true}}
		s, err := bus.Start(t.Context(), bus.Options{Dir: dir, Topology: topology})
		require.NoError(t, err)
		t.Cleanup(func() {
			s.Close()
			time.Sleep(time.Minute) // Goroutines of the server that outlive it wait for a timer of theirs.
		})
		require.NoError(t, bus.Provision(t.Context(), s.ConnectAdmin, topology, 1))
		nc, err := s.Connect("gateway")
		require.NoError(t, err)
		t.Cleanup(nc.Close)
		b := new(bench)
		b.js, err = jetstream.New(nc)
		require.NoError(t, err)
		b.bucket, err = store.Open(t.Context(), nc, "cluster", store.Options{})
		require.NoError(t, err)
		background(t, b.bucket.Run)
		require.NoError(t, b.bucket.Synced(t.Context()))
		test(t, b)
	})
}

// background runs a part until the returned function is called, at the latest
// when the test ends.
func background(t *testing.T, part func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = part(ctx)
	}()
	stop = func() {
		cancel()
		<-ended
	}
	t.Cleanup(stop)
	return stop
}

// put stores the network of a cluster with so many transitions.
func put(t *testing.T, b *bench, cluster, uid string, first, last int64) {
	t.Helper()
	key := "networks/acme/" + object.ID(cluster)
	record := new(recordv1.Record)
	require.NoError(t, object.Pack(record, &networkv1.Network{Name: "organizations/acme/networks/" + object.ID(cluster), Uid: uid,
		Spec: &networkv1.NetworkSpec{Cluster: &typev1.ClusterReference{Name: cluster}}}))
	for i := first; i <= last; i++ {
		record.Transitions = append(record.Transitions, &recordv1.Transition{Sequence: i, Time: timestamppb.Now(), Type: "Ready", Reason: fmt.Sprint(i)})
	}
	there, _ := b.bucket.Get(key)
	_, err := b.bucket.Put(t.Context(), key, record, there.Revision)
	require.NoError(t, err)
}

func remove(t *testing.T, b *bench, cluster string) {
	t.Helper()
	there, ok := b.bucket.Get("networks/acme/" + object.ID(cluster))
	require.True(t, ok)
	require.NoError(t, b.bucket.Delete(t.Context(), there.Key, there.Revision))
}

// told lists the reasons of all events of a cluster, page by page.
func told(t *testing.T, b *bench, cluster string, size int32) (reasons []string, pages int) {
	t.Helper()
	in := &clusterv1.ListEventsRequest{Parent: cluster, PageSize: size}
	last := int64(0)
	for {
		out, err := timeline.New(b.js).List(t.Context(), in)
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

func TestEachTransitionIsToldOnceThoughTwoCopyIt(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		put(t, b, orchid, "uid1", 1, 3)
		stop := background(t, (&timeline.Copier{JetStream: b.js, Bucket: b.bucket}).Run)
		background(t, (&timeline.Copier{JetStream: b.js, Bucket: b.bucket}).Run)
		time.Sleep(time.Second)
		put(t, b, orchid, "uid1", 1, 5)
		put(t, b, orchid, "uid1", 4, 7) // The list in the record is bounded.
		time.Sleep(time.Second)
		stop()
		background(t, (&timeline.Copier{JetStream: b.js, Bucket: b.bucket}).Run) // Another is elected, and begins anew.
		time.Sleep(time.Second)
		reasons, _ := told(t, b, orchid, 0)
		require.Equal(t, []string{"1", "2", "3", "4", "5", "6", "7"}, reasons)
	})
}

func TestEventsOutliveTheirRecordAndASuccessorHasItsOwn(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		background(t, (&timeline.Copier{JetStream: b.js, Bucket: b.bucket}).Run)
		put(t, b, orchid, "uid1", 1, 2)
		time.Sleep(time.Second)
		remove(t, b, orchid)
		time.Sleep(time.Second)
		put(t, b, orchid, "uid2", 1, 1)
		time.Sleep(time.Second)
		reasons, _ := told(t, b, orchid, 0)
		require.Equal(t, []string{"1", "2", "Gone", "1"}, reasons)
	})
}

func TestWhatWentWhileNobodyCopiedIsToldWithTheTimeOfItsDelete(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		stop := background(t, (&timeline.Copier{JetStream: b.js, Bucket: b.bucket}).Run)
		put(t, b, orchid, "uid1", 1, 2)
		time.Sleep(time.Second)
		stop()
		put(t, b, orchid, "uid1", 1, 3)
		remove(t, b, orchid)
		gone := time.Now()
		time.Sleep(time.Minute)
		for range 2 {
			stop = background(t, (&timeline.Copier{JetStream: b.js, Bucket: b.bucket}).Run)
			time.Sleep(time.Second)
			stop()
			reasons, _ := told(t, b, orchid, 0)
			require.Equal(t, []string{"1", "2", "3", "Gone"}, reasons)
		}
		out, err := timeline.New(b.js).List(t.Context(), &clusterv1.ListEventsRequest{Parent: orchid})
		require.NoError(t, err)
		require.WithinDuration(t, gone, out.GetEvents()[3].GetTime().AsTime(), time.Second)
	})
}

func TestEventsAreReadPageByPageAndOfOneClusterOnly(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		background(t, (&timeline.Copier{JetStream: b.js, Bucket: b.bucket}).Run)
		put(t, b, orchid, "uid1", 1, 7)
		put(t, b, orchid+"-2", "uid2", 1, 3)
		time.Sleep(time.Second)
		reasons, pages := told(t, b, orchid, 3)
		require.Equal(t, []string{"1", "2", "3", "4", "5", "6", "7"}, reasons)
		require.Equal(t, 3, pages)
		_, pages = told(t, b, orchid, 7)
		require.Equal(t, 1, pages, "a full last page is the last")
		reasons, _ = told(t, b, orchid+"-2", 0)
		require.Len(t, reasons, 3)
		reasons, _ = told(t, b, "organizations/acme/clusters/none", 0)
		require.Empty(t, reasons)

		out, err := timeline.New(b.js).List(t.Context(), &clusterv1.ListEventsRequest{Parent: orchid, PageSize: 3})
		require.NoError(t, err)
		_, err = timeline.New(b.js).List(t.Context(), &clusterv1.ListEventsRequest{Parent: orchid + "-2", PageSize: 3, PageToken: out.GetNextPageToken()})
		require.True(t, fault.Is(err, fault.Invalid), "%v", err)
	})
}

func TestAWatchTellsThePastAndThenThePresent(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		background(t, (&timeline.Copier{JetStream: b.js, Bucket: b.bucket}).Run)
		put(t, b, orchid, "uid1", 1, 2)
		time.Sleep(time.Second)
		seen, ended := make(chan string, 10), make(chan error, 1)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			ended <- timeline.New(b.js).Watch(ctx, orchid, func(e *clusterv1.Event) error {
				seen <- e.GetReason()
				return nil
			})
		}()
		require.Equal(t, "1", <-seen)
		require.Equal(t, "2", <-seen)
		put(t, b, orchid+"-2", "uid2", 1, 1)
		put(t, b, orchid, "uid1", 1, 3)
		require.Equal(t, "3", <-seen)
		cancel()
		require.NoError(t, <-ended)
		require.Empty(t, seen)
	})
}

func TestWhatIsOfNoClusterIsNotTold(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		background(t, (&timeline.Copier{JetStream: b.js, Bucket: b.bucket}).Run)
		put(t, b, "", "uid1", 1, 2)
		put(t, b, orchid, "uid2", 1, 1)
		time.Sleep(time.Second)
		info, err := b.js.Stream(t.Context(), "EVENTS")
		require.NoError(t, err)
		require.EqualValues(t, 1, info.CachedInfo().State.Msgs)
	})
}
