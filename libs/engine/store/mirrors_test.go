package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/bus"
)

func TestOnlyAMirrorThatStoppedIsReset(t *testing.T) {
	inBubble(t, func(t *testing.T, s *bus.Server) {
		within := func(timeout time.Duration) context.Context {
			ctx, cancel := context.WithTimeout(t.Context(), timeout)
			t.Cleanup(cancel)
			return ctx
		}
		reader, err := s.ConnectAdmin("compute")
		require.NoError(t, err)
		defer reader.Close()
		_, err = reader.RequestWithContext(within(time.Second), "$JS.API.STREAM.DELETE.KV_network", nil)
		require.NoError(t, err)
		// A subscriber that acknowledges nothing replaces the mirror.
		owner, err := s.ConnectAdmin("network")
		require.NoError(t, err)
		defer owner.Close()
		sent, err := owner.SubscribeSync("mirror.network.compute")
		require.NoError(t, err)
		require.NoError(t, owner.FlushWithContext(within(time.Second)))
		// delivered reports whether the server sends the record within the time.
		delivered := func(timeout time.Duration) bool {
			ctx := within(timeout)
			for {
				m, err := sent.NextMsgWithContext(ctx)
				if err != nil {
					require.ErrorIs(t, err, context.DeadlineExceeded)
					return false
				}
				if len(m.Data) > 0 {
					return true
				}
			}
		}

		b, _ := open(t, connect(t, s, "network"), "network", store.Options{})
		_, err = b.Put(t.Context(), "networks/acme/n1", value("one"), 0)
		require.NoError(t, err)
		require.True(t, delivered(time.Second))
		require.True(t, delivered(30*time.Second), "the mirror was not reset")

		require.NoError(t, sent.Unsubscribe())
		require.NoError(t, bus.Provision(t.Context(), s.ConnectAdmin, oneService, 1))
		time.Sleep(time.Minute) // In virtual time, the mirror has caught up by now.
		mirror, _ := open(t, connect(t, s, "compute"), "network", store.Options{})
		_, found := mirror.Get("networks/acme/n1")
		require.True(t, found)
		sent, err = owner.SubscribeSync("mirror.network.compute")
		require.NoError(t, err)
		require.False(t, delivered(time.Minute), "a mirror that is complete was reset")
	})
}
