package store_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/bus"
)

func TestAnIndexFollowsEveryChange(t *testing.T) {
	inBubble(t, func(t *testing.T, s *bus.Server) {
		b, _ := open(t, connect(t, s, "network"), "network", store.Options{})
		write := func(key, word string) {
			r, _ := b.Get(key)
			_, err := b.Put(t.Context(), key, value(word), r.Revision)
			require.NoError(t, err)
		}
		write("networks/acme/b", "one")
		index := b.Index(func(r store.Record) string { return r.GetRequestId() })
		require.Equal(t, []string{"networks/acme/b"}, index.Keys("one"), "a record that is older than the index")

		write("networks/acme/a", "one")
		require.Equal(t, []string{"networks/acme/a", "networks/acme/b"}, index.Keys("one"))
		write("networks/acme/b", "two")
		require.Equal(t, []string{"networks/acme/a"}, index.Keys("one"))
		require.Equal(t, []string{"networks/acme/b"}, index.Keys("two"))
		write("networks/acme/b", "")
		require.Empty(t, index.Keys("two"))
		require.Empty(t, index.Keys(""), "a record with an empty word is not in the index")

		r, _ := b.Get("networks/acme/a")
		require.NoError(t, b.Delete(t.Context(), r.Key, r.Revision))
		require.Empty(t, index.Keys("one"))
	})
}

func TestAnIndexFollowsChangesMissedWhileDisconnected(t *testing.T) {
	inBubble(t, func(t *testing.T, s *bus.Server) {
		away := connect(t, s, "network")
		reader, _ := open(t, away, "network", store.Options{})
		writer, _ := open(t, connect(t, s, "network"), "network", store.Options{})
		put(t, writer, "networks/acme/removed")
		synctest.Wait()
		index := reader.Index(func(r store.Record) string { return r.GetRequestId() })
		require.Len(t, index.Keys("networks/acme/removed"), 1)
		w := reader.Changes("")

		require.NoError(t, away.ForceReconnect())
		r, _ := writer.Get("networks/acme/removed")
		require.NoError(t, writer.Delete(t.Context(), r.Key, r.Revision))
		put(t, writer, "networks/acme/added")
		for range 2 {
			<-w.C
		}
		require.Empty(t, index.Keys("networks/acme/removed"))
		require.Len(t, index.Keys("networks/acme/added"), 1)
	})
}

func TestAnUndecodableRecordCountsAsDeleted(t *testing.T) {
	inBubble(t, func(t *testing.T, s *bus.Server) {
		nc := connect(t, s, "network")
		b, _ := open(t, nc, "network", store.Options{})
		put(t, b, key)
		w := b.Changes("")
		_, err := nc.RequestWithContext(t.Context(), "$KV.network."+key, []byte("no record"))
		require.NoError(t, err)
		c := <-w.C
		require.Nil(t, c.Record)
		require.Equal(t, key, c.Before.GetRequestId())
		_, found := b.Get(key)
		require.False(t, found)
		require.Empty(t, b.List(""))
	})
}
