package ratelimit_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skep-dev/skep/libs/aws/ratelimit"
	"github.com/skep-dev/skep/libs/platform/callcontext"
)

// breakable is a source that a test can disconnect.
type breakable struct {
	ratelimit.Source
	broken atomic.Bool
	draws  atomic.Int32
}

func (s *breakable) Draw(ctx context.Context, bucket ratelimit.Bucket, d ratelimit.Draw) (ratelimit.Grant, error) {
	s.draws.Add(1)
	if s.broken.Load() {
		return ratelimit.Grant{}, errors.New("no replica of identity is running")
	}
	return s.Source.Draw(ctx, bucket, d)
}

// The test does not run in parallel, because it reads the log of the process.
func TestADisconnectedReplicaUsesATenthOfTheRate(t *testing.T) { //nolint:paralleltest // See above.
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	synctest.Test(t, func(t *testing.T) {
		source := &breakable{Source: ratelimit.NewLocal(1)}
		b, a := ratelimit.New(ratelimit.NewFallback(source, 1)), newAWS(50, 5)
		call := func() time.Duration {
			began := time.Now()
			_, err := insist(t.Context(), b, a, createVpc, callcontext.Call{Object: "o", Priority: callcontext.Change})
			require.NoError(t, err)
			return time.Since(began)
		}
		require.Zero(t, call())
		time.Sleep(time.Second)
		source.broken.Store(true)
		began := time.Now()
		for range 20 {
			call()
		}
		require.InDelta(t, 20/(refill/10), time.Since(began).Seconds(), 1, "a tenth of the rate without a burst")
		require.LessOrEqual(t, source.draws.Load(), int32(30), "an unreachable source is not called for every draw")
		source.broken.Store(false)
		time.Sleep(5 * time.Second)
		for range 20 {
			require.Zero(t, call())
		}
		require.Zero(t, a.refused)
	})
	require.Equal(t, 1, strings.Count(log.String(), "budget is unreachable"), log.String())
	require.Equal(t, 1, strings.Count(log.String(), "with the other replicas again"))
}
