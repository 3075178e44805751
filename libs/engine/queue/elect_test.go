package queue_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/engine/queue"
	"github.com/skep-dev/skep/libs/platform/bus"
)

func TestOneReplicaLeadsUntilItEnds(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, s *bus.Server) {
		var mu sync.Mutex
		var leaders []string
		var tasks sync.WaitGroup
		stand := func(ctx context.Context, who string) {
			nc, err := s.Connect("network")
			require.NoError(t, err)
			tasks.Go(func() {
				defer nc.Close()
				err := queue.Elect(ctx, queue.Election{Conn: nc, Service: "network", Name: "sweep", Identity: who}, func(ctx context.Context) error {
					mu.Lock()
					leaders = append(leaders, who)
					mu.Unlock()
					<-ctx.Done()
					return nil
				})
				if err != nil {
					t.Errorf("elect %s: %v", who, err)
				}
			})
		}
		first, end := context.WithCancel(t.Context())
		stand(first, "a")
		time.Sleep(time.Second)
		rest, endAll := context.WithCancel(t.Context())
		for _, who := range []string{"b", "c", "d"} {
			stand(rest, who)
		}
		time.Sleep(time.Minute)
		mu.Lock()
		require.Equal(t, []string{"a"}, leaders, "a leader stays")
		mu.Unlock()
		end()
		time.Sleep(time.Second)
		mu.Lock()
		require.Len(t, leaders, 2, "another replica leads at once")
		mu.Unlock()
		endAll()
		tasks.Wait()
	})
}

func TestElectReturnsTheErrorOfRun(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, s *bus.Server) {
		nc, err := s.Connect("network")
		require.NoError(t, err)
		defer nc.Close()
		done := errors.New("done")
		election := queue.Election{Conn: nc, Service: "network", Name: "sweep", Identity: "a"}
		require.ErrorIs(t, queue.Elect(t.Context(), election, func(context.Context) error { return done }), done)
		election.Identity = "not a name"
		require.ErrorContains(t, queue.Elect(t.Context(), election, nil), "letters")
	})
}
