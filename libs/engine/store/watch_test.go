package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/bus"
)

func TestAWatchReceivesTheChangesAfterItsSnapshot(t *testing.T) {
	inBubble(t, func(t *testing.T, s *bus.Server) {
		b, _ := open(t, connect(t, s, "network"), "network", store.Options{})
		put(t, b, "networks/acme/b", "networks/acme/a", "claims/acme/c")

		snapshot, w := b.Watch("networks/")
		require.Equal(t, []string{"networks/acme/a", "networks/acme/b"}, keys(snapshot))
		put(t, b, "claims/acme/d", "networks/acme/e")
		e, _ := b.Get("networks/acme/e")
		require.NoError(t, b.Delete(t.Context(), e.Key, e.Revision))

		c := <-w.C
		require.Equal(t, "networks/acme/e", c.Key)
		require.Equal(t, e.Revision, c.Record.Revision)
		require.Nil(t, c.Before)
		c = <-w.C
		require.Nil(t, c.Record)
		require.Equal(t, e.Revision, c.Before.Revision)
		w.Stop()
		w.Stop()
		_, open := <-w.C
		require.False(t, open)
	})
}

func TestAWatchReceivesTheLastWriteBeforeAMissedDelete(t *testing.T) {
	inBubble(t, func(t *testing.T, s *bus.Server) {
		writer, _ := open(t, connect(t, s, "network"), "network", store.Options{})
		put(t, writer, "networks/acme/a")
		first, _ := writer.Get("networks/acme/a")
		reader, stop := open(t, connect(t, s, "compute"), "network", store.Options{})
		_, w := reader.Watch("")
		stop()

		last, err := writer.Put(t.Context(), first.Key, value("the last write"), first.Revision)
		require.NoError(t, err)
		require.NoError(t, writer.Delete(t.Context(), first.Key, last))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		defer func() { cancel(); <-done }()
		go func() { defer close(done); _ = reader.Run(ctx) }()
		deleted := <-w.C
		require.Nil(t, deleted.Record)
		require.Equal(t, last, deleted.Before.Revision)
		require.Equal(t, "the last write", deleted.Before.GetRequestId())
	})
}

func TestOnlyAWatchWhoseReaderIsTooSlowIsClosed(t *testing.T) {
	inBubble(t, func(t *testing.T, s *bus.Server) {
		b, _ := open(t, connect(t, s, "network"), "network", store.Options{Buffer: 2})
		_, slow := b.Watch("")
		_, fast := b.Watch("")
		for i := range 5 {
			put(t, b, fmt.Sprintf("networks/acme/n%d", i))
			require.NotNil(t, (<-fast.C).Record)
		}
		seen := 0
		for range slow.C {
			seen++
		}
		require.Equal(t, 2, seen)
		snapshot, _ := b.Watch("")
		require.Len(t, snapshot, 5)
	})
}

func TestAMirrorShowsTheRecordsOfItsOwnerAndRefusesWrites(t *testing.T) {
	inBubble(t, func(t *testing.T, s *bus.Server) {
		b, _ := open(t, connect(t, s, "network"), "network", store.Options{})
		mirror, _ := open(t, connect(t, s, "compute"), "network", store.Options{})
		_, w := mirror.Watch("")
		put(t, b, key)
		r, _ := b.Get(key)
		require.Equal(t, r.Revision, (<-w.C).Record.Revision)
		_, err := mirror.Put(t.Context(), key, value("forged"), r.Revision)
		require.ErrorIs(t, err, store.ErrUnavailable)
	})
}

func TestADeleteMissedWhileDisconnectedIsReceivedLater(t *testing.T) {
	inBubble(t, func(t *testing.T, s *bus.Server) {
		away := connect(t, s, "network")
		reader, _ := open(t, away, "network", store.Options{})
		writer, _ := open(t, connect(t, s, "network"), "network", store.Options{})
		put(t, writer, "networks/acme/kept", "networks/acme/removed")
		synctest.Wait()
		_, w := reader.Watch("")

		require.NoError(t, away.ForceReconnect()) // The client library pauses before it connects again.
		r, _ := writer.Get("networks/acme/removed")
		require.NoError(t, writer.Delete(t.Context(), r.Key, r.Revision))

		c := <-w.C
		require.Equal(t, "networks/acme/removed", c.Key)
		require.Nil(t, c.Record)
		_, found := reader.Get("networks/acme/kept")
		require.True(t, found)
	})
}

func TestAWatchRecoversFromASilentSubscription(t *testing.T) {
	inBubble(t, func(t *testing.T, s *bus.Server) {
		reader, _ := open(t, connect(t, s, "network"), "network", store.Options{})
		writer, _ := open(t, connect(t, s, "network"), "network", store.Options{})
		put(t, writer, "networks/acme/removed")
		synctest.Wait()
		_, w := reader.Watch("")

		silence(t, s)
		r, _ := writer.Get("networks/acme/removed")
		began := time.Now()
		require.NoError(t, writer.Delete(t.Context(), r.Key, r.Revision))
		require.Nil(t, (<-w.C).Record)
		require.LessOrEqual(t, time.Since(began), 3*time.Second)
	})
}

// put creates records.
func put(t *testing.T, b *store.Bucket, keys ...string) {
	t.Helper()
	for _, k := range keys {
		_, err := b.Put(t.Context(), k, value(k), 0)
		require.NoError(t, err)
	}
}

func keys(records []store.Record) []string {
	var keys []string
	for _, r := range records {
		keys = append(keys, r.Key)
	}
	return keys
}

// silence stops the deliveries to all followers of the bucket network. They get no error.
func silence(t *testing.T, s *bus.Server) {
	t.Helper()
	admin, err := s.ConnectAdmin("network")
	require.NoError(t, err)
	defer admin.Close()
	js, err := jetstream.New(admin)
	require.NoError(t, err)
	stream, err := js.Stream(t.Context(), "KV_network")
	require.NoError(t, err)
	var names []string
	for name := range stream.ConsumerNames(t.Context()).Name() {
		if !strings.HasPrefix(name, "MIRROR_") {
			names = append(names, name)
		}
	}
	require.Len(t, names, 2)
	for _, name := range names {
		_, err := stream.PauseConsumer(t.Context(), name, time.Now().Add(time.Hour))
		require.NoError(t, err)
	}
}
