package queue_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/engine/queue"
	"github.com/skep-dev/skep/libs/platform/bus"
)

func TestReplicasShareTheKeysAndRunEachKeyOnce(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, s *bus.Server) {
		j := newJournal()
		busy := func(who string) queue.Options {
			return queue.Options{Reconcile: func(ctx context.Context, key string) (time.Duration, error) {
				j.run(ctx, who, key, 300*time.Millisecond)
				return 700 * time.Millisecond, nil
			}}
		}
		a := start(t, s, "network", "a", busy("a"))
		start(t, s, "network", "b", busy("b"))
		c := start(t, s, "network", "c", busy("c"))
		keys := write(t, a.bucket, 60)

		time.Sleep(10 * time.Second)
		for _, who := range []string{"a", "b", "c"} {
			require.Greater(t, j.share(who), 5, "%s has its share", who)
		}
		c.kill()
		died := time.Now()
		time.Sleep(12 * time.Second)
		require.Zero(t, j.share("c"), "other replicas run the keys of the dead one, %v after its death", time.Since(died))
		start(t, s, "network", "c", busy("c"))
		time.Sleep(10 * time.Second)
		require.Greater(t, j.share("c"), 5, "a new replica gets its share")
		a.stop()
		time.Sleep(2 * time.Second)
		require.Zero(t, j.share("a"), "a released lease need not expire")

		require.Empty(t, j.twice)
		for _, key := range keys {
			require.GreaterOrEqual(t, j.count(key), 20, "%s had too few runs", key)
		}
	})
}

func TestAHandoverWaitsForTheRunsOfTheShard(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, s *bus.Server) {
		j := newJournal()
		canceled := 0
		slow := func(who string) queue.Options {
			return queue.Options{Reconcile: func(ctx context.Context, key string) (time.Duration, error) {
				j.run(ctx, who, key, 5*time.Second)
				if ctx.Err() != nil {
					canceled++
				}
				return 0, nil
			}}
		}
		a := start(t, s, "network", "a", slow("a"))
		write(t, a.bucket, 60)
		synctest.Wait()
		start(t, s, "network", "b", slow("b"))
		time.Sleep(4 * time.Second)
		require.Zero(t, j.share("b"), "the runs of a have not ended")
		time.Sleep(4 * time.Second)
		require.Greater(t, j.share("b"), 10)
		time.Sleep(10 * time.Second)
		require.Empty(t, j.twice)
		require.Zero(t, canceled)
	})
}

func TestARunContextEndsBeforeAnotherReplicaTakesTheKey(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, s *bus.Server) {
		ended := make(chan time.Duration, 1)
		a := start(t, s, "network", "a", queue.Options{Reconcile: func(ctx context.Context, _ string) (time.Duration, error) {
			<-ctx.Done()
			ended <- 0
			require.ErrorIs(t, context.Cause(ctx), queue.ErrLeaseLost)
			return 0, ctx.Err()
		}})
		key := write(t, a.bucket, 1)[0]
		time.Sleep(20 * time.Second)
		require.Empty(t, ended, "the lease is renewed during a long run")
		taken := make(chan time.Time, 1)
		start(t, s, "network", "b", queue.Options{Reconcile: func(context.Context, string) (time.Duration, error) {
			taken <- time.Now()
			return 0, nil
		}})
		synctest.Wait()

		a.nc.Close() // The replica runs on, but cannot renew its lease.
		<-ended
		lost := time.Now()
		require.GreaterOrEqual(t, (<-taken).Sub(lost), 2*time.Second, "a quarter of the lease is the margin of %s", key)
	})
}

func TestARestartQueuesAllKeysAgain(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, s *bus.Server) {
		first := newJournal()
		a := start(t, s, "network", "a", first.recording("a", 0))
		keys := write(t, a.bucket, 20)
		synctest.Wait()
		a.stop()
		second := newJournal()
		began := time.Now()
		start(t, s, "network", "a", second.recording("a", 0))
		time.Sleep(100 * time.Millisecond)
		for _, key := range keys {
			require.Equal(t, 1, second.count(key))
		}
		require.Less(t, time.Since(began), time.Second)
	})
}

func TestAReplicaTakesANewLeaseAfterALoss(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, s *bus.Server) {
		j := newJournal()
		a := start(t, s, "network", "a", j.recording("a", 0))
		key := write(t, a.bucket, 1)[0]
		synctest.Wait()
		before := j.count(key)
		admin, err := s.ConnectAdmin("network")
		require.NoError(t, err)
		defer admin.Close()
		js, err := jetstream.New(admin)
		require.NoError(t, err)
		st, err := js.Stream(t.Context(), "KV_leases")
		require.NoError(t, err)
		require.NoError(t, st.Purge(t.Context(), jetstream.WithPurgeSubject("$KV.leases.network.member.>")))
		time.Sleep(10 * time.Second)
		require.Equal(t, before+1, j.count(key), "all keys are queued again")
		record, _ := a.bucket.Get(key)
		_, err = a.bucket.Put(t.Context(), key, &recordv1.Record{}, record.Revision)
		require.NoError(t, err)
		synctest.Wait()
		require.Equal(t, before+2, j.count(key))
	})
}

// lastLease returns the sequence of the last write to the leases of network.
func lastLease(t *testing.T, s *bus.Server) uint64 {
	t.Helper()
	nc, err := s.Connect("network")
	require.NoError(t, err)
	defer nc.Close()
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	st, err := js.Stream(t.Context(), "KV_leases")
	require.NoError(t, err)
	return st.CachedInfo().State.LastSeq
}
