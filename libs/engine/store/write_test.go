package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"

	recordv1 "github.com/skep-dev/skep/proto/gen/go/skep/record/v1"

	"github.com/skep-dev/skep/libs/engine/store"
	"github.com/skep-dev/skep/libs/platform/bus"
)

const key = "networks/acme/n1"

func TestAWriteRequiresTheExpectedRevision(t *testing.T) {
	inBubble(t, func(t *testing.T, s *bus.Server) {
		b, _ := open(t, connect(t, s, "network"), "network", store.Options{})
		ctx := t.Context()

		first, err := b.Put(ctx, key, value("a"), 0)
		require.NoError(t, err, "a record that does not exist can be created")
		_, err = b.Put(ctx, key, value("b"), 0)
		require.ErrorIs(t, err, store.ErrConflict, "a record that exists cannot be created")
		second, err := b.Put(ctx, key, value("b"), first)
		require.NoError(t, err, "the newest revision can be replaced")
		_, err = b.Put(ctx, key, value("c"), first)
		require.ErrorIs(t, err, store.ErrConflict, "an older revision cannot be replaced")

		require.ErrorIs(t, b.Delete(ctx, key, first), store.ErrConflict, "an older revision cannot be deleted")
		require.ErrorIs(t, b.Delete(ctx, key, 0), store.ErrConflict, "revision 0 cannot be deleted")
		require.NoError(t, b.Delete(ctx, key, second))
		_, found := b.Get(key)
		require.False(t, found, "the caller of Delete sees the delete")
		_, err = b.Put(ctx, key, value("d"), second)
		require.ErrorIs(t, err, store.ErrConflict, "a deleted record cannot be replaced")
		third, err := b.Put(ctx, key, value("e"), 0)
		require.NoError(t, err, "a deleted record can be created again")
		r, found := b.Get(key)
		require.True(t, found)
		require.Equal(t, third, r.Revision)
		require.Equal(t, "e", r.RequestId)
	})
}

func TestAProcessReadsItsOwnWrites(t *testing.T) {
	inBubble(t, func(t *testing.T, s *bus.Server) {
		b, _ := open(t, connect(t, s, "network"), "network", store.Options{})
		var revision uint64
		for range 200 {
			var err error
			revision, err = b.Put(t.Context(), key, value("x"), revision)
			require.NoError(t, err)
			r, _ := b.Get(key)
			require.Equal(t, revision, r.Revision)
		}
	})
}

func TestAfterAConflictTheCacheShowsTheNewerWrite(t *testing.T) {
	inBubble(t, func(t *testing.T, s *bus.Server) {
		nc := connect(t, s, "network")
		mine, _ := open(t, nc, "network", store.Options{})
		other, _ := open(t, connect(t, s, "network"), "network", store.Options{})
		revision, err := mine.Put(t.Context(), key, value("mine"), 0)
		require.NoError(t, err)
		for range 50 {
			revision, err = other.Put(t.Context(), key, value("theirs"), revision)
			require.NoError(t, err)
			_, err = mine.Put(t.Context(), key, value("mine"), revision-1)
			require.ErrorIs(t, err, store.ErrConflict)
			r, _ := mine.Get(key)
			require.Equal(t, revision, r.Revision)
		}
	})
}

func TestAnInvalidWriteIsRefusedWithItsReason(t *testing.T) {
	inBubble(t, func(t *testing.T, s *bus.Server) {
		b, _ := open(t, connect(t, s, "network"), "network", store.Options{})
		large := &recordv1.Record{Sealed: map[string][]byte{"key": make([]byte, store.MaxSize)}}
		fits := &recordv1.Record{Sealed: map[string][]byte{"key": make([]byte, store.MaxSize-20)}}
		for name, c := range map[string]struct {
			key    string
			value  *recordv1.Record
			is     error
			reason string
		}{
			"a record over the limit": {key, large, store.ErrTooLarge, "bytes"},
			"an empty key":            {"", value("x"), store.ErrInvalidKey, "empty"},
			"an address as a key":     {"addresses/fd00::1", value("x"), store.ErrInvalidKey, "letters, digits"},
			"a wildcard as a key":     {"networks/*", value("x"), store.ErrInvalidKey, "letters, digits"},
			"a key with two dots":     {"a..b", value("x"), store.ErrInvalidKey, "dot"},
		} {
			_, err := b.Put(t.Context(), c.key, c.value, 0)
			require.ErrorIs(t, err, c.is, name)
			require.ErrorContains(t, err, c.reason, name)
		}
		_, err := b.Put(t.Context(), key, fits, 0)
		require.NoError(t, err, "a record at the limit is stored")
	})
}

func TestAWriteWithoutAnAnswerIsUncertain(t *testing.T) {
	inBubble(t, func(t *testing.T, s *bus.Server) {
		lost := errors.New("the answer was lost")
		var calls []string
		b, _ := open(t, connect(t, s, "network"), "network", store.Options{Timeout: 2 * time.Second, Fault: func(op, key string, after bool) error {
			calls = append(calls, op+" "+key)
			if after && len(calls) == 2 {
				return lost
			}
			return nil
		}})
		_, err := b.Put(t.Context(), key, value("a"), 0)
		require.ErrorIs(t, err, lost)
		require.Equal(t, []string{"put " + key, "put " + key}, calls)
		_, err = b.Put(t.Context(), key, value("a"), 0)
		require.ErrorIs(t, err, store.ErrConflict, "the next write shows that the first was stored")

		s.Close()
		_, err = b.Put(t.Context(), "networks/acme/n2", value("a"), 0)
		require.ErrorIs(t, err, store.ErrUnavailable)
	})
}

func TestARecordCarriesTheSpanOfItsWriter(t *testing.T) {
	inBubble(t, func(t *testing.T, s *bus.Server) {
		b, _ := open(t, connect(t, s, "network"), "network", store.Options{})
		span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled})
		_, err := b.Put(trace.ContextWithSpanContext(t.Context(), span), key, value("a"), 0)
		require.NoError(t, err)
		r, _ := b.Get(key)
		require.Equal(t, span.TraceID(), r.Trace.TraceID())
		require.Equal(t, span.SpanID(), r.Trace.SpanID())
		require.True(t, r.Trace.IsRemote())

		_, err = b.Put(context.WithoutCancel(t.Context()), "networks/acme/n2", value("a"), 0)
		require.NoError(t, err)
		r, _ = b.Get("networks/acme/n2")
		require.False(t, r.Trace.IsValid())
	})
}
