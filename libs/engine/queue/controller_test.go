package queue_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/engine/queue"
	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/bus"
)

func TestALoneReplicaRunsEveryKeyAtOnce(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, s *bus.Server) {
		j := newJournal()
		began := time.Now()
		r := start(t, s, "network", "a", j.recording("a", 0))
		keys := write(t, r.bucket, 100)
		synctest.Wait()
		for _, key := range keys {
			require.Positive(t, j.count(key), key)
		}
		require.Less(t, time.Since(began), 100*time.Millisecond)
	})
}

func TestAnIdleReplicaWritesOncePerQuarterOfTheTTL(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, s *bus.Server) {
		j := newJournal()
		r := start(t, s, "network", "a", j.recording("a", 0))
		write(t, r.bucket, 10)
		synctest.Wait()
		before := lastLease(t, s)
		require.LessOrEqual(t, before, uint64(2), "one lease and one table")
		time.Sleep(61 * time.Second)
		require.Equal(t, before+24, lastLease(t, s))
		require.Equal(t, 10, j.share("a"), "no key runs without a reason")
	})
}

func TestChangesDuringARunCauseExactlyOneMoreRun(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, s *bus.Server) {
		j := newJournal()
		r := start(t, s, "network", "a", j.recording("a", time.Second))
		key := write(t, r.bucket, 1)[0]
		synctest.Wait()
		for range 5 {
			record, _ := r.bucket.Get(key)
			_, err := r.bucket.Put(t.Context(), key, &recordv1.Record{}, record.Revision)
			require.NoError(t, err)
		}
		time.Sleep(10 * time.Second)
		require.Equal(t, 2, j.count(key))
	})
}

func TestAFailingKeyBacksOffAndOthersContinue(t *testing.T) {
	for name, fail := range map[string]func() error{
		"by an error": func() error { return errors.New("no") },
		"by a panic":  func() error { panic("no") },
	} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, func(t *testing.T, s *bus.Server) {
				j := newJournal()
				const bad, good = "networks/acme/n000", "networks/acme/n001"
				r := start(t, s, "network", "a", queue.Options{
					Workers: 1, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
					Reconcile: func(ctx context.Context, key string) (time.Duration, error) {
						j.run(ctx, "a", key, 0)
						if key == bad {
							return 0, fail()
						}
						return time.Second, nil
					},
				})
				write(t, r.bucket, 2)
				time.Sleep(50*time.Second + time.Millisecond)
				// The back-off starts at 50 ms or less and doubles: the tenth retry is at most 51.15 s
				// after the first run, and at least half of that.
				require.GreaterOrEqual(t, j.count(bad), 10)
				require.LessOrEqual(t, j.count(bad), 12)
				require.Equal(t, 51, j.count(good))
			})
		})
	}
}

func TestAConflictIsRetriedSoonAndIsNotLogged(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, s *bus.Server) {
		j := newJournal()
		const key = "networks/acme/n000"
		r := start(t, s, "network", "a", queue.Options{
			Log: slog.New(refusing{t}),
			Reconcile: func(ctx context.Context, key string) (time.Duration, error) {
				j.run(ctx, "a", key, 0)
				if j.count(key) < 5 {
					return 0, fmt.Errorf("store status: %w", store.ErrConflict)
				}
				return 0, nil
			},
		})
		write(t, r.bucket, 1)
		synctest.Wait()
		require.Equal(t, 1, j.count(key), "not at once: the other writer continues first")
		time.Sleep(time.Second)
		require.Equal(t, 5, j.count(key))
	})
}

func TestAChangeInAnotherBucketWakesItsKeys(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, s *bus.Server) {
		network := start(t, s, "network", "n", newJournal().recording("n", 0))
		j := newJournal()
		o := j.recording("a", 0)
		o.Wakes = []queue.Wake{{Keys: func(c store.Change) []string { return []string{"nodePools/of/" + c.Key[len("networks/"):]} }}}
		start(t, s, "compute", "a", o)
		synctest.Wait()
		write(t, network.bucket, 2)
		time.Sleep(2 * time.Second) // Time for the mirror.
		require.Equal(t, 1, j.count("nodePools/of/acme/n000"))
		require.Equal(t, 1, j.count("nodePools/of/acme/n001"))
	})
}

func TestChangesWithinTheDelayShareARun(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, s *bus.Server) {
		network := start(t, s, "network", "n", newJournal().recording("n", 0))
		j := newJournal()
		o := j.recording("a", 0)
		o.Wakes = []queue.Wake{{After: 10 * time.Second, Keys: func(store.Change) []string { return []string{"nodePools/acme/workers"} }}}
		start(t, s, "compute", "a", o)
		synctest.Wait()
		key := write(t, network.bucket, 1)[0]
		for range 5 {
			time.Sleep(time.Second)
			record, _ := network.bucket.Get(key)
			_, err := network.bucket.Put(t.Context(), key, &recordv1.Record{}, record.Revision)
			require.NoError(t, err)
		}
		require.Zero(t, j.count("nodePools/acme/workers"), "the delay has not ended")
		time.Sleep(time.Minute)
		require.Equal(t, 1, j.count("nodePools/acme/workers"))
	})
}

// refusing is a log handler that fails the test on an error.
type refusing struct{ t *testing.T }

func (r refusing) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelError }
func (r refusing) Handle(_ context.Context, m slog.Record) error {
	r.t.Errorf("logged: %s", m.Message)
	return nil
}
func (r refusing) WithAttrs([]slog.Attr) slog.Handler { return r }
func (r refusing) WithGroup(string) slog.Handler      { return r }
